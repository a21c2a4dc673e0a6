#ifndef BENCH_CALL_H
#define BENCH_CALL_H

#include "options.h"

/*
 * What is asked, and whether the reply is right. Every call carries words of its own: who asks, and the id. All clients
 * number their calls from 1, so a reply that reaches the wrong client is found by its words.
 */

/** Prepares what calls and replies are made of. */
void call_prepare(const Options *options);

/** Appends the call with this id of the client with this number. */
void call_append(Bytes *out, long client, long id);

typedef enum {
  /** Nothing that anybody waits for. */
  REPLY_NONE,
  REPLY_RIGHT,
  REPLY_WRONG,
} Verdict;

typedef struct {
  Verdict verdict;
  /** Of the call that it answers; -1 without one. */
  long id;
} Reply;

/** Judges a message that came to the client with this number. Whether it still waits for one with that id is not looked at. */
Reply call_judge(Span message, long client);

#endif
