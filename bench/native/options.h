#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include "bytes.h"

typedef enum { OVER_WEBSOCKET, OVER_HTTP, OVER_LINES } Transport;

typedef enum { SHAPE_ECHO, SHAPE_TEXT, SHAPE_NESTED, SHAPE_LIST } Shape;

/** What the generator shall do. */
typedef struct {
  Transport transport;
  int is_tls;
  char host[128];
  int port;
  /** Of the URL, or of a unix socket. */
  char path[100];
  int is_modern;
  /** Header lines that every client shows, each with its line end. */
  Bytes headers;

  long connections;
  /** How many of them make requests; the others are open and idle. */
  long active;
  /** Requests in flight on each connection, at most. */
  long depth;
  /** Requests a second of all connections together; 0 for a closed loop. */
  double rate;
  double warm_up_seconds;
  double seconds;
  /** How long replies are waited for in the end. */
  double patience_seconds;
  /** Whether a line on standard input is waited for between opening and calling. */
  int holds;

  Shape shape;
  /** The tool that is called. */
  const char *tool;
  /** Bytes of text that are sent (echo), or of what shall come back (text, nested). */
  long bytes;
  /** Tools that a list has to have. */
  long tools;
} Options;

/** Reads the command line. Ends the program with a sentence where it makes no sense. */
Options options_of(int count, char **arguments);

#endif
