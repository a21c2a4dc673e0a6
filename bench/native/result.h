#ifndef BENCH_RESULT_H
#define BENCH_RESULT_H

#include "bytes.h"

/*
 * What tools return beside the words of their caller, known to both ends, so that the generator can compare every byte.
 * It is written as JSON.stringify writes it, for those who parse what they relay.
 */

/** Prose of so many bytes as it stands in JSON, with line feeds (as escapes) as tools have them. */
static inline Bytes prose_of(size_t length) {
  static const char sentence[] = "The quick brown fox jumps over the lazy dog and on into the night, again and again.\\n";
  Bytes prose = {0};
  while (bytes_length(&prose) + sizeof sentence - 1 <= length) bytes_append(&prose, sentence, sizeof sentence - 1);
  while (bytes_length(&prose) < length) bytes_append(&prose, ".", 1);
  return prose;
}

/** An array of nested records, as databases and APIs have them, of so many bytes as JSON, give or take 150. */
static inline Bytes rows_of(size_t length) {
  Bytes rows = {0};
  bytes_text(&rows, "[");
  for (unsigned long row = 1; row == 1 || bytes_length(&rows) + 150 <= length; row++) {
    char record[400];
    snprintf(record, sizeof record,
             "%s{\"id\":%lu,\"name\":\"item %lu\",\"tags\":[\"a\",\"b\\\"c\",\"d\"],\"price\":{\"amount\":%lu,\"currency\":\"EUR\"},"
             "\"stock\":[[%lu,true],[%lu,false]],\"parent\":null}",
             row > 1 ? "," : "", row, row, row * 37 % 1000, row % 7, row % 11);
    bytes_text(&rows, record);
  }
  bytes_text(&rows, "]");
  return rows;
}

#endif
