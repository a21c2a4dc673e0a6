#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include "link.h"
#include "tally.h"

/** A call that waits for its reply, in the place of its id. */
typedef struct {
  /** 0 for none. */
  long id;
  /** When it was to be made, in nanoseconds. */
  uint64_t due;
} Slot;

typedef enum {
  CLIENT_CONNECTING,
  CLIENT_UPGRADING,
  CLIENT_INITIALIZING,
  /** HTTP only: the notification that ends the handshake waits for its answer. */
  CLIENT_NOTIFYING,
  CLIENT_READY,
  CLIENT_ENDING,
  CLIENT_ENDED,
} ClientState;

/** One MCP client with a connection of its own. */
typedef struct {
  long number;
  ClientState state;
  Link link;
  Bytes in;
  Bytes out;
  /** A message that comes in several frames. */
  Bytes pieces;
  /** The header line of its session, if the server gave it one. */
  Bytes session;
  Slot *slots;
  long last_id;
  long in_flight;
  int is_dirty;
} Client;

/** What all clients of a run share. */
typedef struct {
  const Options *options;
  Tally *tally;
  /** Called when a call is over, so that a closed loop makes the next. */
  void (*replied)(Client *client, uint64_t now);
} Run;

/** Prepares what all clients say first. */
void client_prepare(const Run *run);

/** Begins to connect. */
int client_open(Client *client, long number);

/** Whether it may make another call. */
int client_has_room(const Client *client);

/** Makes a call that was due at a time. It is sent with the next flush. */
void client_call(Client *client, uint64_t due);

/** Reads and handles all that came. */
void client_serve(Client *client, uint64_t now);

/** Sends what is to be sent. */
void client_flush(Client *client);

/** Says goodbye, as far as the transport knows one. */
void client_end(Client *client);

/** Lets go of the connection. */
void client_close(Client *client);

#endif
