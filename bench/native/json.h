#ifndef BENCH_JSON_H
#define BENCH_JSON_H

#include "bytes.h"

/*
 * Walks through JSON without building anything. Every function gets a place in the text and the end of it, and returns
 * the place behind what it read, or null where the text is not JSON. Strings are spans between their quotes, with
 * their escapes.
 */

static inline const char *json_space(const char *at, const char *end) {
  while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) at++;
  return at;
}

static inline const char *json_string(const char *at, const char *end, Span *string) {
  if (at >= end || *at != '"') return NULL;
  const char *from = ++at;
  for (;;) {
    const char *quote = memchr(at, '"', (size_t)(end - at));
    if (!quote) return NULL;
    const char *before = quote;
    while (before > from && before[-1] == '\\') before--;
    if ((quote - before) % 2 == 0) {
      *string = (Span){from, (size_t)(quote - from)};
      return quote + 1;
    }
    at = quote + 1;
  }
}

/** Skips one value of any kind. */
static inline const char *json_skip(const char *at, const char *end) {
  long depth = 0;
  Span ignored;

  at = json_space(at, end);
  while (at < end) {
    switch (*at) {
      case '"':
        at = json_string(at, end, &ignored);
        if (!at) return NULL;
        break;
      case '{':
      case '[':
        depth++;
        at++;
        break;
      case '}':
      case ']':
        if (depth-- == 0) return NULL;
        at++;
        break;
      case ' ':
      case '\n':
      case '\r':
      case '\t':
      case ':':
      case ',':
        at++;
        continue;
      default:
        while (at < end && !strchr(" \n\r\t,]}", *at)) at++;
    }
    if (depth == 0) return at;
  }
  return NULL;
}

/** Reads what stands before the first member of an object, or before its end. */
static inline const char *json_object(const char *at, const char *end) {
  at = json_space(at, end);
  return at < end && *at == '{' ? at + 1 : NULL;
}

/**
 * Reads the name of the next member, up to its value.
 *
 * @returns the place of the value; behind the object, with a null name, where there is no other member
 */
static inline const char *json_member(const char *at, const char *end, Span *name) {
  at = json_space(at, end);
  if (at < end && *at == ',') at = json_space(at + 1, end);
  if (at >= end) return NULL;
  if (*at == '}') {
    *name = (Span){NULL, 0};
    return at + 1;
  }
  at = json_string(at, end, name);
  if (!at) return NULL;
  at = json_space(at, end);
  return at < end && *at == ':' ? json_space(at + 1, end) : NULL;
}

/** Reads one value of any kind as it is written. */
static inline const char *json_value(const char *at, const char *end, Span *value) {
  const char *after = json_skip(at, end);
  if (after) *value = (Span){at, (size_t)(after - at)};
  return after;
}

/** A whole number that is written with digits alone, or -1. */
static inline long json_count(Span value) {
  long count = 0;
  if (value.length == 0 || value.length > 15 || (value.length > 1 && *value.at == '0')) return -1;
  for (size_t at = 0; at < value.length; at++) {
    if (value.at[at] < '0' || value.at[at] > '9') return -1;
    count = count * 10 + (value.at[at] - '0');
  }
  return count;
}

#endif
