// The batch calls and the options of UDP sockets. C, because Swift's view of the C library is compiled without
// _GNU_SOURCE and so knows neither.
#define _GNU_SOURCE
#include "CDatagram.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef union {
    struct sockaddr any;
    struct sockaddr_in ip4;
    struct sockaddr_in6 ip6;
} socket_address;

static uint64_t load64(const uint8_t *bytes) {
    uint64_t value;
    memcpy(&value, bytes, sizeof value);
    return __builtin_bswap64(value);
}

static void store64(uint8_t *bytes, uint64_t value) {
    value = __builtin_bswap64(value);
    memcpy(bytes, &value, sizeof value);
}

static socklen_t to_system(const mesh_datagram_address *address, socket_address *system) {
    if (address->is_ip6) {
        memset(&system->ip6, 0, sizeof system->ip6);
        system->ip6.sin6_family = AF_INET6;
        system->ip6.sin6_port = htons(address->port);
        store64(system->ip6.sin6_addr.s6_addr, address->high);
        store64(system->ip6.sin6_addr.s6_addr + 8, address->low);
        system->ip6.sin6_scope_id = address->scope;
        return sizeof system->ip6;
    }
    memset(&system->ip4, 0, sizeof system->ip4);
    system->ip4.sin_family = AF_INET;
    system->ip4.sin_port = htons(address->port);
    system->ip4.sin_addr.s_addr = htonl((uint32_t)address->low);
    return sizeof system->ip4;
}

static void from_system(const socket_address *system, mesh_datagram_address *address) {
    memset(address, 0, sizeof *address);
    if (system->any.sa_family == AF_INET6) {
        address->is_ip6 = 1;
        address->high = load64(system->ip6.sin6_addr.s6_addr);
        address->low = load64(system->ip6.sin6_addr.s6_addr + 8);
        address->scope = system->ip6.sin6_scope_id;
        address->port = ntohs(system->ip6.sin6_port);
    } else {
        address->low = ntohl(system->ip4.sin_addr.s_addr);
        address->port = ntohs(system->ip4.sin_port);
    }
}

int mesh_datagram_open(const mesh_datagram_address *address, int receive_byte_count) {
    int family = address->is_ip6 ? AF_INET6 : AF_INET;
    int descriptor = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    // PROBE sets "do not fragment" and, unlike DO, believes no ICMP message, which anybody can forge.
    int discover = address->is_ip6 ? IPV6_PMTUDISC_PROBE : IP_PMTUDISC_PROBE;
    int only_ip6 = 1;
    socket_address system;
    socklen_t size = to_system(address, &system);
    int failed =
        (address->is_ip6
             ? setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &only_ip6, sizeof only_ip6)
                   || setsockopt(descriptor, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &discover, sizeof discover)
             : setsockopt(descriptor, IPPROTO_IP, IP_MTU_DISCOVER, &discover, sizeof discover))
        || bind(descriptor, &system.any, size);
    if (failed) {
        int reason = errno;
        close(descriptor);
        return -reason;
    }
    // The system may grant less: a smaller buffer is no reason to fail.
    (void)setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receive_byte_count, sizeof receive_byte_count);
    return descriptor;
}

int mesh_datagram_bound_address(int descriptor, mesh_datagram_address *address) {
    socket_address system;
    socklen_t size = sizeof system;
    if (getsockname(descriptor, &system.any, &size) < 0) return -errno;
    from_system(&system, address);
    return 0;
}

int mesh_datagram_receive(
    int descriptor, void *bytes, size_t slot, unsigned count, mesh_datagram_received *received
) {
    struct mmsghdr messages[MESH_DATAGRAM_BATCH];
    struct iovec parts[MESH_DATAGRAM_BATCH];
    socket_address addresses[MESH_DATAGRAM_BATCH];
    if (count > MESH_DATAGRAM_BATCH) count = MESH_DATAGRAM_BATCH;
    for (unsigned i = 0; i < count; i++) {
        parts[i] = (struct iovec){(uint8_t *)bytes + i * slot, slot};
        messages[i].msg_hdr = (struct msghdr){
            .msg_name = &addresses[i], .msg_namelen = sizeof addresses[i], .msg_iov = &parts[i], .msg_iovlen = 1};
    }
    // MSG_TRUNC lets the length be that of the wire, so that a datagram that is too long is known as such.
    int result = recvmmsg(descriptor, messages, count, MSG_TRUNC, NULL);
    if (result < 0) return -errno;
    for (int i = 0; i < result; i++) {
        from_system(&addresses[i], &received[i].from);
        received[i].byte_count = messages[i].msg_len;
    }
    return result;
}

int mesh_datagram_send(int descriptor, const void *bytes, size_t byte_count, const mesh_datagram_address *to) {
    socket_address system;
    socklen_t size = to_system(to, &system);
    return sendto(descriptor, bytes, byte_count, MSG_DONTWAIT, &system.any, size) < 0 ? -errno : 0;
}

void mesh_datagram_close(int descriptor) {
    close(descriptor);
}
