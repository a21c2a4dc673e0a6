#ifndef BENCH_HTTP_H
#define BENCH_HTTP_H

#include <strings.h>

#include "bytes.h"

/* HTTP/1.1, as far as both ends of the benchmark need it (RFC 9112). */

/** What stands before a body. */
typedef struct {
  /** The first line. */
  Span start;
  /** Everything up to and with the empty line. */
  size_t length;
  /** -1 if it is not said. */
  long content_length;
  int is_chunked;
  int is_events;
  int closes;
  Span session;
  Span key;
} Head;

/** @returns the value of a header line, or a null span where it is another header */
static inline Span header_of(Span line, const char *name, size_t length) {
  if (line.length <= length || line.at[length] != ':' || strncasecmp(line.at, name, length) != 0) return (Span){NULL, 0};
  const char *at = line.at + length + 1, *end = line.at + line.length;
  while (at < end && *at == ' ') at++;
  return (Span){at, (size_t)(end - at)};
}

#define HEADER(line, name) header_of(line, name, sizeof(name) - 1)

static inline void head_line(Head *head, Span line) {
  Span value;
  switch (line.at[0] | 32) {
    case 'c':
      if ((value = HEADER(line, "content-length")).at) head->content_length = strtol(value.at, NULL, 10);
      else if ((value = HEADER(line, "content-type")).at)
        head->is_events = value.length >= 17 && strncasecmp(value.at, "text/event-stream", 17) == 0;
      else if ((value = HEADER(line, "connection")).at)
        head->closes = value.length == 5 && strncasecmp(value.at, "close", 5) == 0;
      break;
    case 't':
      if ((value = HEADER(line, "transfer-encoding")).at) head->is_chunked = 1;
      break;
    case 'm':
      if ((value = HEADER(line, "mcp-session-id")).at) head->session = value;
      break;
    case 's':
      if ((value = HEADER(line, "sec-websocket-key")).at || (value = HEADER(line, "sec-websocket-accept")).at)
        head->key = value;
      break;
    default:
      break;
  }
}

/** Reads the head of a request or response. @returns whether all of it is there */
static inline int head_read(const Bytes *in, Head *head) {
  const char *at = bytes_at(in), *end = at + bytes_length(in);
  *head = (Head){.content_length = -1};

  for (;;) {
    const char *feed = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
    if (!feed) return 0;
    Span line = {at, (size_t)(feed - at)};
    if (line.length > 0 && feed[-1] == '\r') line.length--;
    at = feed + 1;
    if (line.length == 0 && head->start.at) {
      head->length = (size_t)(at - bytes_at(in));
      return 1;
    }
    if (!head->start.at) head->start = line;
    else head_line(head, line);
  }
}

/**
 * Reads a chunked body into one piece.
 *
 * @returns the length of all chunks with what separates them, 0 while some are missing, -1 where it is not chunked
 */
static inline long chunks_read(const char *from, size_t length, Bytes *body) {
  const char *at = from, *end = from + length;
  body->start = body->end = 0;
  for (;;) {
    const char *feed = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
    if (!feed) return 0;
    char *digits;
    unsigned long size = strtoul(at, &digits, 16);
    if (digits == at) return -1;
    at = feed + 1;
    if ((size_t)(end - at) < size + 2) return 0;
    bytes_append(body, at, size);
    at += size + 2;
    if (size == 0) return (long)(at - from);
  }
}

#endif
