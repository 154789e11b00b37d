#ifndef CDATAGRAM_H
#define CDATAGRAM_H

#include <stddef.h>
#include <stdint.h>

/// An IPv4 or IPv6 address with a port, in host byte order.
///
/// An IPv4 address is the lower half of `low`.
typedef struct {
    uint64_t high;
    uint64_t low;
    uint32_t scope;
    uint16_t port;
    uint8_t is_ip6;
} mesh_datagram_address;

/// One received datagram: where it came from and how many bytes it had on the wire.
typedef struct {
    mesh_datagram_address from;
    uint32_t byte_count;
} mesh_datagram_received;

/// The most datagrams that one call receives.
#define MESH_DATAGRAM_BATCH 64

/// Opens a non-blocking UDP socket bound to `address`: "do not fragment" set, IPv6 apart from IPv4.
///
/// Returns the descriptor, or the negative errno of the call that failed.
int mesh_datagram_open(const mesh_datagram_address *_Nonnull address, int receive_byte_count);

/// Writes the address that the socket is bound to; returns 0 or the negative errno.
int mesh_datagram_bound_address(int descriptor, mesh_datagram_address *_Nonnull address);

/// Receives what is there, at most `count` datagrams, each into its own `slot` bytes of `bytes`.
///
/// `byte_count` is what the datagram had on the wire: more than `slot` when it was cut. Returns how many there were,
/// or the negative errno.
int mesh_datagram_receive(
    int descriptor, void *_Nonnull bytes, size_t slot, unsigned count,
    mesh_datagram_received *_Nonnull received);

/// Sends one datagram; returns 0 or the negative errno.
int mesh_datagram_send(
    int descriptor, const void *_Nonnull bytes, size_t byte_count, const mesh_datagram_address *_Nonnull to);

/// Closes the socket.
void mesh_datagram_close(int descriptor);

#endif
