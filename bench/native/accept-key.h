#ifndef BENCH_ACCEPT_KEY_H
#define BENCH_ACCEPT_KEY_H

#include <stdint.h>

#include "bytes.h"

static inline void sha1_block(uint32_t state[5], const unsigned char *block) {
  uint32_t words[80];
  for (int at = 0; at < 16; at++)
    words[at] = (uint32_t)block[at * 4] << 24 | (uint32_t)block[at * 4 + 1] << 16 | (uint32_t)block[at * 4 + 2] << 8 |
                block[at * 4 + 3];
  for (int at = 16; at < 80; at++) {
    uint32_t word = words[at - 3] ^ words[at - 8] ^ words[at - 14] ^ words[at - 16];
    words[at] = word << 1 | word >> 31;
  }

  uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
  for (int at = 0; at < 80; at++) {
    uint32_t mixed = at < 20   ? ((b & c) | (~b & d)) + 0x5a827999
                     : at < 40 ? (b ^ c ^ d) + 0x6ed9eba1
                     : at < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
                               : (b ^ c ^ d) + 0xca62c1d6;
    uint32_t next = (a << 5 | a >> 27) + mixed + e + words[at];
    e = d;
    d = c;
    c = b << 30 | b >> 2;
    b = a;
    a = next;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
}

/** What a server answers to a `Sec-WebSocket-Key` (RFC 6455, 4.2.2): SHA-1 and Base64, 28 characters and a null. */
static inline void accept_key(Span key, char answer[29]) {
  unsigned char text[128] = {0};
  size_t length = key.length < 40 ? key.length : 40;
  memcpy(text, key.at, length);
  memcpy(text + length, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 36);
  length += 36;
  text[length] = 128;
  text[126] = (unsigned char)(length * 8 >> 8);
  text[127] = (unsigned char)(length * 8);

  uint32_t state[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  // Always two blocks: a key of 24 characters and the 36 are 60, and their length does not fit the first one.
  sha1_block(state, text);
  sha1_block(state, text + 64);

  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  unsigned char digest[21] = {0};
  for (int at = 0; at < 20; at++) digest[at] = (unsigned char)(state[at / 4] >> (24 - at % 4 * 8));
  for (int at = 0; at < 7; at++) {
    uint32_t three = (uint32_t)digest[at * 3] << 16 | (uint32_t)digest[at * 3 + 1] << 8 | digest[at * 3 + 2];
    for (int digit = 0; digit < 4; digit++) answer[at * 4 + digit] = digits[three >> (18 - digit * 6) & 63];
  }
  answer[27] = '=';
  answer[28] = 0;
}

#endif
