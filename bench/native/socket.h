#ifndef BENCH_SOCKET_H
#define BENCH_SOCKET_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "bytes.h"

/** Nanoseconds of a clock that never goes back. */
static inline uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/** Seconds of processor time that this process has used. */
static inline double cpu_seconds(void) {
  struct timespec used;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

static inline void give_up(const char *what) {
  perror(what);
  exit(1);
}

/** Takes as many open files as the system gives. */
static inline void lift_file_limit(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

static inline void no_delay(int fd) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static inline struct sockaddr_un unix_address(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  return address;
}

/** An IPv4 address, as digits and dots. */
static inline struct sockaddr_in ip_address(const char *host, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  if (inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, &address.sin_addr) != 1) {
    fprintf(stderr, "%s is no IPv4 address\n", host);
    exit(1);
  }
  return address;
}

/** Reads all that is there, up to so much at a time. @returns 0 at the end or on an error, 1 otherwise */
static inline int fill(int fd, Bytes *in) {
  enum { PIECE = 65536 };
  for (;;) {
    // Whoever waits for the rest of a large message has made room for it.
    bytes_room(in, bytes_length(in) ? 4096 : 2048);
    size_t room = in->capacity - in->end;
    ssize_t got = read(fd, in->data + in->end, room);
    if (got > 0) {
      in->end += (size_t)got;
      if ((size_t)got < room) return 1;
      bytes_room(in, PIECE);
      continue;
    }
    return got < 0 && (errno == EAGAIN || errno == EINTR);
  }
}

/** Writes as much as is taken. @returns 0 on an error, 1 otherwise */
static inline int drain(int fd, Bytes *out) {
  while (bytes_length(out) > 0) {
    ssize_t put = write(fd, bytes_at(out), bytes_length(out));
    if (put < 0) return errno == EAGAIN || errno == EINTR;
    bytes_take(out, (size_t)put);
  }
  return 1;
}

#endif
