#ifndef BENCH_FRAME_H
#define BENCH_FRAME_H

#include <stdint.h>

#include "bytes.h"

/* WebSocket frames (RFC 6455, section 5). */

enum { FRAME_CONTINUATION = 0, FRAME_TEXT = 1, FRAME_BINARY = 2, FRAME_CLOSE = 8, FRAME_PING = 9, FRAME_PONG = 10 };

typedef struct {
  int opcode;
  int is_final;
  char *payload;
  size_t length;
} Frame;

/** Applies a mask to a payload in its place. The same again takes it off. */
static inline void frame_mask(char *payload, size_t length, uint32_t key) {
  uint64_t wide = (uint64_t)key << 32 | key;
  size_t at = 0;
  for (; at + 8 <= length; at += 8) {
    uint64_t word;
    memcpy(&word, payload + at, 8);
    word ^= wide;
    memcpy(payload + at, &word, 8);
  }
  for (; at < length; at++) payload[at] ^= (char)(key >> (at % 4 * 8));
}

/**
 * Reads a frame at the start of what came, and takes off its mask.
 *
 * @returns its length with its head, 0 while some of it is missing
 */
static inline size_t frame_read(Bytes *in, Frame *frame) {
  unsigned char *at = (unsigned char *)bytes_at(in);
  size_t length = bytes_length(in);
  if (length < 2) return 0;

  uint64_t payload = at[1] & 127;
  size_t head = 2 + (payload == 126 ? 2 : payload == 127 ? 8 : 0);
  int is_masked = at[1] >> 7;
  if (length < head + (is_masked ? 4 : 0)) return 0;
  if (payload >= 126) {
    size_t digits = head - 2;
    payload = 0;
    for (size_t digit = 0; digit < digits; digit++) payload = payload << 8 | at[2 + digit];
  }

  uint32_t key = 0;
  if (is_masked) {
    memcpy(&key, at + head, 4);
    head += 4;
  }
  if (length - head < payload) {
    // What is missing fits, and is read in one go.
    bytes_room(in, (size_t)payload + head - length);
    return 0;
  }

  *frame = (Frame){at[0] & 15, at[0] >> 7, (char *)at + head, (size_t)payload};
  if (is_masked) frame_mask(frame->payload, frame->length, key);
  return head + (size_t)payload;
}

/** Writes the head of a frame. A key of 0 stands for no mask: a server's frame. */
static inline void frame_head(Bytes *out, int opcode, size_t length, uint32_t key) {
  unsigned char head[14];
  size_t size = 2;
  head[0] = (unsigned char)(128 | opcode);
  if (length < 126) {
    head[1] = (unsigned char)length;
  } else if (length < 65536) {
    head[1] = 126;
    head[2] = (unsigned char)(length >> 8);
    head[3] = (unsigned char)length;
    size = 4;
  } else {
    head[1] = 127;
    for (int digit = 0; digit < 8; digit++) head[2 + digit] = (unsigned char)((uint64_t)length >> (56 - 8 * digit));
    size = 10;
  }
  if (key) {
    head[1] |= 128;
    memcpy(head + size, &key, 4);
    size += 4;
  }
  bytes_append(out, (char *)head, size);
}

#endif
