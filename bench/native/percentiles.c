/* Prints percentiles of the latencies on standard input, in nanoseconds: for the tests of the histogram. */
#include <stdio.h>
#include <stdlib.h>

#include "histogram.h"

int main(int count, char **shares) {
  static Histogram histogram;
  unsigned long ns;
  while (scanf("%lu", &ns) == 1) histogram_record(&histogram, ns);
  for (int at = 1; at < count; at++) printf("%.3f\n", histogram_percentile(&histogram, atof(shares[at])));
  return 0;
}
