/* The least that an encrypted RPC over UDP costs on this machine: sendto, recvfrom and libsodium, no session logic.
 *
 *   cc -O3 -march=native -o udp_floor udp_floor.c -lsodium
 *   udp_floor [--shape thread|core|cores] [--window N] [--payload BYTES] [--cipher chacha|none] [--seconds S]
 *
 * thread: both ends in one thread on epoll, as one event loop runs them. core, cores: two processes that block in
 * recvfrom, pinned to one core or to two. A datagram has the size that ours has: 17 bytes of header, 7 of frame, the
 * payload and a 16-byte tag. One RPC is two datagrams and four AEAD operations. Prints one JSON line. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { HEADER = 17, FRAME = 7, TAG = 16, MAXIMUM_PAYLOAD = 1160, MAXIMUM_SAMPLES = 1 << 22 };

typedef struct {
  int socket, sends;               /* `sends` is the key that this end seals with: 0 the client, 1 the server */
  struct sockaddr_in peer;
  uint64_t counter;
  unsigned char in[2048], out[2048], plain[2048];
} End;

typedef struct {
  _Atomic int stop;
  double server_cpu;
} Shared;

static int window = 1, payload = 200, encrypts = 1;
static double seconds = 1;
static const char *shape = "thread";
static unsigned char keys[2][32];
static double *samples, *starts;
static uint64_t sample_count;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static double processor(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

static void pin(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  sched_setaffinity(0, sizeof set, &set);
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

/* Seals `end->plain` behind a header and sends it. */
static void send_one(End *end, const struct sockaddr_in *to) {
  unsigned char nonce[12] = {0};
  uint64_t counter = end->counter++;
  unsigned long long length = FRAME + payload;
  end->out[0] = 0x14;
  memset(end->out + 1, 0x42, 8);
  memcpy(end->out + 9, &counter, 8);
  memcpy(nonce + 4, &counter, 8);
  if (encrypts)
    crypto_aead_chacha20poly1305_ietf_encrypt(end->out + HEADER, &length, end->plain, FRAME + payload, end->out,
                                              HEADER, NULL, nonce, keys[end->sends]);
  else
    memcpy(end->out + HEADER, end->plain, length);
  if (sendto(end->socket, end->out, HEADER + length, 0, (const struct sockaddr *)to, sizeof *to) < 0) fail("sendto");
}

/* Receives and opens one datagram into `end->plain`; 0 when there is none. */
static int receive_one(End *end, struct sockaddr_in *from) {
  socklen_t size = sizeof *from;
  ssize_t count = recvfrom(end->socket, end->in, sizeof end->in, 0, (struct sockaddr *)from, &size);
  if (count < 0) {
    if (errno == EAGAIN || errno == EINTR) return 0;
    fail("recvfrom");
  }
  unsigned char nonce[12] = {0};
  memcpy(nonce + 4, end->in + 9, 8);
  if (!encrypts) {
    memcpy(end->plain, end->in + HEADER, count - HEADER);
    return 1;
  }
  if (crypto_aead_chacha20poly1305_ietf_decrypt(end->plain, NULL, NULL, end->in + HEADER, count - HEADER, end->in,
                                                HEADER, nonce, keys[!end->sends]))
    fail("open");
  return 1;
}

static void answer(End *server) {
  struct sockaddr_in from;
  if (receive_one(server, &from)) send_one(server, &from);
}

/* The client's requests carry their slot, so that each answer ends its own measurement. */
static void ask(End *client, uint32_t slot) {
  memcpy(client->plain, &slot, sizeof slot);
  starts[slot] = now();
  send_one(client, &client->peer);
}

static int take_answer(End *client) {
  struct sockaddr_in from;
  if (!receive_one(client, &from)) return 0;
  uint32_t slot;
  memcpy(&slot, client->plain, sizeof slot);
  if (slot >= (uint32_t)window) fail("slot");
  if (sample_count < MAXIMUM_SAMPLES) samples[sample_count] = now() - starts[slot];
  sample_count++;
  ask(client, slot);
  return 1;
}

static End make_end(int sends, int blocks) {
  End end = {.sends = sends, .counter = 0};
  struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int size = 4 << 20;
  struct timeval patience = {0, 200000};
  end.socket = socket(AF_INET, SOCK_DGRAM | (blocks ? 0 : SOCK_NONBLOCK), 0);
  if (end.socket < 0 || bind(end.socket, (struct sockaddr *)&any, sizeof any)) fail("bind");
  setsockopt(end.socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  setsockopt(end.socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  memset(end.plain, 7, sizeof end.plain);
  return end;
}

static void run_thread(End *client, End *server) {
  int poll = epoll_create1(0);
  struct epoll_event events[2], a = {.events = EPOLLIN, .data.u32 = 0}, b = {.events = EPOLLIN, .data.u32 = 1};
  epoll_ctl(poll, EPOLL_CTL_ADD, client->socket, &a);
  epoll_ctl(poll, EPOLL_CTL_ADD, server->socket, &b);
  double end = now() + seconds;
  for (int i = 0; i < window; i++) ask(client, i);
  while (now() < end) {
    int ready = epoll_wait(poll, events, 2, 100);
    for (int i = 0; i < ready; i++) {
      End *reader = events[i].data.u32 ? server : client;
      /* As an event loop does: what has arrived, at most a window, then the other socket. */
      for (int n = 0; n < window; n++) {
        struct sockaddr_in from;
        if (reader == client ? !take_answer(client) : !receive_one(server, &from)) break;
        if (reader == server) send_one(server, &from);
      }
    }
  }
}

static void run_processes(End *client, End *server, Shared *shared, int same_core) {
  pid_t child = fork();
  if (child < 0) fail("fork");
  if (!child) {
    pin(same_core ? 0 : 1);
    double start = processor();
    while (!shared->stop) answer(server);
    shared->server_cpu = processor() - start;
    _exit(0);
  }
  pin(0);
  double end = now() + seconds;
  for (int i = 0; i < window; i++) ask(client, i);
  while (now() < end) take_answer(client);
  shared->stop = 1;
  waitpid(child, NULL, 0);
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

int main(int argc, char **argv) {
  for (int i = 1; i + 1 < argc; i += 2) {
    if (!strcmp(argv[i], "--shape")) shape = argv[i + 1];
    else if (!strcmp(argv[i], "--window")) window = atoi(argv[i + 1]);
    else if (!strcmp(argv[i], "--payload")) payload = atoi(argv[i + 1]);
    else if (!strcmp(argv[i], "--cipher")) encrypts = !strcmp(argv[i + 1], "chacha");
    else if (!strcmp(argv[i], "--seconds")) seconds = atof(argv[i + 1]);
    else fail(argv[i]);
  }
  if (window < 1 || window > 1024 || payload < 4 || payload > MAXIMUM_PAYLOAD || sodium_init() < 0) fail("arguments");
  randombytes_buf(keys, sizeof keys);
  samples = malloc(MAXIMUM_SAMPLES * sizeof *samples);
  starts = calloc(window, sizeof *starts);
  Shared *shared = mmap(0, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int threaded = !strcmp(shape, "thread");
  End client = make_end(0, !threaded), server = make_end(1, !threaded);
  socklen_t size = sizeof client.peer;
  getsockname(server.socket, (struct sockaddr *)&client.peer, &size);
  double start = now(), spent = processor();
  if (threaded) run_thread(&client, &server);
  else run_processes(&client, &server, shared, !strcmp(shape, "core"));
  double elapsed = now() - start, total = processor() - spent + shared->server_cpu;
  uint64_t kept = sample_count < MAXIMUM_SAMPLES ? sample_count : MAXIMUM_SAMPLES;
  if (!kept) fail("no answer");
  qsort(samples, kept, sizeof *samples, by_size);
  printf("{\"benchmark\":\"udp_floor\",\"shape\":\"%s\",\"encrypted\":%s,\"payload\":%d,\"window\":%d,\"rpcs\":%lu,"
         "\"cpuMicrosecondsPerRPC\":%.3f,\"rpcPerSecond\":%.0f,\"roundTripMicroseconds\":{\"p50\":%.2f,\"p99\":%.2f}}\n",
         shape, encrypts ? "true" : "false", payload, window, (unsigned long)sample_count, total / sample_count * 1e6,
         sample_count / elapsed, samples[kept / 2] * 1e6, samples[kept * 99 / 100] * 1e6);
  return 0;
}
