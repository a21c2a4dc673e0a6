#ifndef BENCH_TALLY_H
#define BENCH_TALLY_H

#include "bytes.h"
#include "histogram.h"

enum { KEPT_FAULTS = 5, FAULT_LENGTH = 240 };

/** What all clients of a run have seen together. */
typedef struct {
  /** From when a call was due to its right reply, of calls that were due while it counted. */
  Histogram latencies;
  /** When counting begins and ends. */
  uint64_t counts_from;
  uint64_t counts_until;

  /** Right replies, those of the warm-up too; and those that came while it counted. */
  long answered;
  long counted;
  /** Replies with a wrong payload or an unknown id, errors, and whatever else must not come. */
  long wrong;
  long missing;
  long duplicate;
  /** Right replies that came a second or more after their call was due. */
  long late;
  /** Connections that could not be opened, or ended. */
  long broken;
  /** Calls that were due and never made, because too many others waited. */
  long unsent;

  char faults[KEPT_FAULTS][FAULT_LENGTH];
  int fault_count;
} Tally;

static inline void tally_reply(Tally *tally, uint64_t due, uint64_t now) {
  tally->answered++;
  if (now - due >= 1000000000u) tally->late++;
  if (now >= tally->counts_from && now < tally->counts_until) tally->counted++;
  if (due >= tally->counts_from && due < tally->counts_until) histogram_record(&tally->latencies, now - due);
}

/** Keeps the first faults, to show. */
static inline void tally_fault(Tally *tally, long *count, long client, const char *what, Span seen) {
  (*count)++;
  if (tally->fault_count == KEPT_FAULTS) return;
  int length = seen.length > 160 ? 160 : (int)seen.length;
  snprintf(tally->faults[tally->fault_count++], FAULT_LENGTH, "c%ld: %s: %.*s", client, what, length,
           seen.at ? seen.at : "");
}

/** Prints what was seen as one line of JSON. */
void tally_print(const Tally *tally, double seconds);

#endif
