#ifndef BENCH_REPLY_H
#define BENCH_REPLY_H

#include "bytes.h"

/** What a server of the benchmark is. */
typedef struct {
  /** Number of its tools; 0 for those that echo. */
  long tools;
  /** What the names of those tools begin with. */
  const char *name;
  /** For the tests: what it gets wrong, and how often: every so many replies. */
  const char *lie;
  long lie_every;
} Server;

/** Prepares what replies are made of. */
void reply_prepare(const Server *server);

/**
 * Appends the reply of an MCP server to one message. Requests with an envelope are answered in 2026-07-28, all others in
 * the revisions before it.
 *
 * @returns whether there is a reply at all
 */
int reply_to(Span message, Bytes *out);

#endif
