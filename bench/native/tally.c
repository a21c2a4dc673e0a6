#include "tally.h"

#include "socket.h"

static void print_text(const char *text) {
  putchar('"');
  for (; *text; text++) {
    if (*text == '"' || *text == '\\') putchar('\\');
    // Anything but plain ASCII may be half of a character here.
    putchar(*text >= ' ' && *text < 127 ? *text : '?');
  }
  putchar('"');
}

void tally_print(const Tally *tally, double seconds) {
  const Histogram *latencies = &tally->latencies;
  static const struct {
    const char *name;
    double share;
  } percentiles[] = {{"p50Us", 0.5}, {"p90Us", 0.9}, {"p99Us", 0.99}, {"p999Us", 0.999}, {"maxUs", 1}};

  printf("{\"perSecond\":%.1f", seconds > 0 ? (double)tally->counted / seconds : 0);
  for (size_t at = 0; at < sizeof percentiles / sizeof *percentiles; at++)
    printf(",\"%s\":%.1f", percentiles[at].name, histogram_percentile(latencies, percentiles[at].share));
  printf(",\"answered\":%ld,\"wrong\":%ld,\"missing\":%ld,\"duplicate\":%ld,\"broken\":%ld,\"late\":%ld,\"unsent\":%ld",
         tally->answered, tally->wrong, tally->missing, tally->duplicate, tally->broken, tally->late, tally->unsent);
  printf(",\"ownCpuSeconds\":%.3f,\"faults\":[", cpu_seconds());
  for (int at = 0; at < tally->fault_count; at++) {
    if (at) putchar(',');
    print_text(tally->faults[at]);
  }
  puts("]}");
  fflush(stdout);
}
