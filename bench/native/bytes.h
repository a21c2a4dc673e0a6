#ifndef BENCH_BYTES_H
#define BENCH_BYTES_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Text that belongs to somebody else. */
typedef struct {
  const char *at;
  size_t length;
} Span;

/** A queue of bytes: appended at the end, taken from the start. It has no memory before the first byte. */
typedef struct {
  char *data;
  size_t start;
  size_t end;
  size_t capacity;
} Bytes;

static inline size_t bytes_length(const Bytes *bytes) { return bytes->end - bytes->start; }

static inline char *bytes_at(const Bytes *bytes) { return bytes->data + bytes->start; }

/** Makes room for so many bytes at the end, and says where. */
static inline char *bytes_room(Bytes *bytes, size_t length) {
  if (bytes->end + length <= bytes->capacity) return bytes->data + bytes->end;

  size_t used = bytes_length(bytes);
  if (bytes->start > 0) memmove(bytes->data, bytes->data + bytes->start, used);
  bytes->start = 0;
  bytes->end = used;
  if (used + length <= bytes->capacity) return bytes->data + used;

  while (bytes->capacity < used + length) bytes->capacity = bytes->capacity ? bytes->capacity * 2 : 1024;
  bytes->data = realloc(bytes->data, bytes->capacity);
  if (!bytes->data) {
    fputs("out of memory\n", stderr);
    exit(1);
  }
  return bytes->data + used;
}

static inline void bytes_append(Bytes *bytes, const char *at, size_t length) {
  if (length == 0) return;
  memcpy(bytes_room(bytes, length), at, length);
  bytes->end += length;
}

static inline void bytes_text(Bytes *bytes, const char *text) { bytes_append(bytes, text, strlen(text)); }

static inline void bytes_span(Bytes *bytes, Span span) { bytes_append(bytes, span.at, span.length); }

static inline void bytes_number(Bytes *bytes, unsigned long number) {
  char digits[24];
  size_t at = sizeof digits;
  do digits[--at] = (char)('0' + number % 10);
  while (number /= 10);
  bytes_append(bytes, digits + at, sizeof digits - at);
}

/** Lets go of bytes at the start. */
static inline void bytes_take(Bytes *bytes, size_t length) {
  bytes->start += length;
  if (bytes->start == bytes->end) bytes->start = bytes->end = 0;
}

static inline void bytes_free(Bytes *bytes) {
  free(bytes->data);
  *bytes = (Bytes){0};
}

#define SPAN(text) ((Span){text, sizeof(text) - 1})

static inline int span_is(Span span, const char *text, size_t length) {
  return span.length == length && memcmp(span.at, text, length) == 0;
}

#define IS(span, text) span_is(span, text, sizeof(text) - 1)

#endif
