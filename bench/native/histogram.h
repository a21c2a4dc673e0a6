#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>
#include <string.h>

/*
 * Latencies in nanoseconds in buckets that grow with them: every power of two is cut into 128, so that a percentile is
 * at most 0.8 % too high, and never too low. Recording is an addition.
 */

enum { HISTOGRAM_BITS = 7, HISTOGRAM_STEPS = 1 << HISTOGRAM_BITS };

typedef struct {
  uint64_t counts[(64 - HISTOGRAM_BITS + 1) * HISTOGRAM_STEPS];
  uint64_t total;
  uint64_t max;
} Histogram;

static inline unsigned histogram_bucket(uint64_t ns) {
  if (ns < HISTOGRAM_STEPS) return (unsigned)ns;
  unsigned shift = 63 - (unsigned)__builtin_clzll(ns) - HISTOGRAM_BITS;
  return (shift + 1) * HISTOGRAM_STEPS + (unsigned)((ns >> shift) - HISTOGRAM_STEPS);
}

/** The largest latency that falls into a bucket. */
static inline uint64_t histogram_upper(unsigned bucket) {
  if (bucket < HISTOGRAM_STEPS) return bucket;
  unsigned shift = bucket / HISTOGRAM_STEPS - 1;
  return (((uint64_t)bucket % HISTOGRAM_STEPS + HISTOGRAM_STEPS + 1) << shift) - 1;
}

static inline void histogram_record(Histogram *histogram, uint64_t ns) {
  histogram->counts[histogram_bucket(ns)]++;
  histogram->total++;
  if (ns > histogram->max) histogram->max = ns;
}

/** The smallest latency that at least this share of all does not exceed, in microseconds; 0 of nothing. */
static inline double histogram_percentile(const Histogram *histogram, double share) {
  uint64_t rank = (uint64_t)(share * (double)histogram->total);
  if ((double)rank < share * (double)histogram->total) rank++;
  if (rank == 0) rank = 1;

  uint64_t seen = 0;
  for (unsigned bucket = 0; bucket < sizeof histogram->counts / sizeof *histogram->counts; bucket++) {
    seen += histogram->counts[bucket];
    if (seen < rank) continue;
    uint64_t upper = histogram_upper(bucket);
    return (double)(upper < histogram->max ? upper : histogram->max) / 1000.0;
  }
  return 0;
}

#endif
