#ifndef BENCH_LINK_H
#define BENCH_LINK_H

#include "options.h"
#include "socket.h"

#ifdef BENCH_TLS
#include <openssl/ssl.h>
#endif

/** A socket to the server under test, with TLS on it where the URL asks for it. */
typedef struct {
  int fd;
#ifdef BENCH_TLS
  SSL *tls;
#endif
} Link;

/** Begins to connect. @returns 0 where that fails at once */
static inline int link_open(Link *link, const Options *options) {
  union {
    struct sockaddr any;
    struct sockaddr_in ip;
    struct sockaddr_un local;
  } address;
  socklen_t length = sizeof address.ip;
  if (options->transport == OVER_LINES) {
    address.local = unix_address(options->path);
    length = sizeof address.local;
  } else {
    address.ip = ip_address(options->host, options->port);
  }

  link->fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (link->fd < 0) return 0;
  if (options->transport != OVER_LINES) no_delay(link->fd);
  if (connect(link->fd, &address.any, length) < 0 && errno != EINPROGRESS) return 0;

#ifdef BENCH_TLS
  link->tls = NULL;
  if (options->is_tls) {
    static SSL_CTX *context;
    // The certificate is one of the benchmark's own: nobody vouches for it, and nobody has to.
    if (!context) context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    link->tls = SSL_new(context);
    SSL_set_fd(link->tls, link->fd);
    SSL_set_connect_state(link->tls);
  }
#else
  if (options->is_tls) {
    fputs("built without TLS\n", stderr);
    exit(2);
  }
#endif
  return 1;
}

#ifdef BENCH_TLS
static inline int tls_waits(const Link *link, int result) {
  int error = SSL_get_error(link->tls, result);
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}
#endif

/** Reads all that is there. @returns 0 at the end or on an error, 1 otherwise */
static inline int link_read(Link *link, Bytes *in) {
#ifdef BENCH_TLS
  if (link->tls) {
    for (;;) {
      char *room = bytes_room(in, 16384);
      int got = SSL_read(link->tls, room, (int)(in->capacity - in->end));
      if (got <= 0) return tls_waits(link, got);
      in->end += (size_t)got;
    }
  }
#endif
  return fill(link->fd, in);
}

/** Writes as much as is taken. @returns 0 on an error, 1 otherwise */
static inline int link_write(Link *link, Bytes *out) {
#ifdef BENCH_TLS
  while (link->tls && bytes_length(out) > 0) {
    int put = SSL_write(link->tls, bytes_at(out), (int)bytes_length(out));
    if (put <= 0) return tls_waits(link, put);
    bytes_take(out, (size_t)put);
  }
#endif
  return drain(link->fd, out);
}

static inline void link_close(Link *link) {
#ifdef BENCH_TLS
  if (link->tls) SSL_free(link->tls);
  link->tls = NULL;
#endif
  if (link->fd >= 0) close(link->fd);
  link->fd = -1;
}

#endif
