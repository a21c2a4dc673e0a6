/*
 * The load generator of the benchmark: one thread, epoll.
 *
 *   load --url ws://127.0.0.1:8080/mcp [--era legacy|modern] [--header 'X-API-Key: …'] --connections N --depth N
 *        [--rate N] [--seconds N] [--warm-up N] [--shape echo|text|nested|list] [--bytes N] [--tools N]
 *        [--active N] [--patience N] [--hold 1]
 *
 * Without a rate it is a closed loop: every reply starts the next call. With one, calls are due at fixed times, and
 * latency counts from those, whether or not a connection was free. With `--hold 1` it prints `{"open":N,"seconds":S}` once
 * all connections are open, and begins to call when a line comes in. In the end it prints one line of JSON.
 */
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "call.h"
#include "client.h"

enum { EVENTS = 512, CONNECTING_AT_ONCE = 256, GOODBYE_SECONDS = 1 };

static Options options;
static Tally tally;
static Client *clients, **dirty;
static long dirty_count;
static int poller;

/** Whether replies start other calls. */
static int is_calling;

/** When the next call of a fixed rate is due, and how many of them there will have been. */
static uint64_t began;
static long scheduled, scheduled_in_all;

static uint64_t ns_of(double seconds) { return (uint64_t)(seconds * 1e9); }

static void mark(Client *client) {
  if (client->is_dirty) return;
  client->is_dirty = 1;
  dirty[dirty_count++] = client;
}

static void replied(Client *client, uint64_t now) {
  if (!is_calling || options.rate > 0 || !client_has_room(client)) return;
  client_call(client, now);
  mark(client);
}

/** Everything that a turn has to send to one connection goes out in one write. */
static void flush(void) {
  for (long at = 0; at < dirty_count; at++) client_flush(dirty[at]);
  dirty_count = 0;
}

/** Waits for events until a time, and serves them. */
static void turn(uint64_t until) {
  struct epoll_event events[EVENTS];
  flush();
  uint64_t now = now_ns(), left = until > now ? until - now : 0;
  struct timespec wait = {(time_t)(left / 1000000000u), (long)(left % 1000000000u)};
  // Milliseconds, as epoll_wait knows them, are longer than what is measured here.
  long ready = syscall(SYS_epoll_pwait2, poller, events, EVENTS, &wait, NULL, 0);
  if (ready < 0 && errno != EINTR) give_up("epoll_pwait2 (Linux 5.11)");

  now = now_ns();
  for (long at = 0; at < ready; at++) {
    Client *client = events[at].data.ptr;
    if (client->state == CLIENT_ENDED) continue;
    client_serve(client, now);
    if (bytes_length(&client->out) > 0) mark(client);
  }
}

static long count_in(ClientState from, ClientState to) {
  long count = 0;
  for (long at = 0; at < options.connections; at++) count += clients[at].state >= from && clients[at].state <= to;
  return count;
}

static void open_one(long at) {
  if (!client_open(&clients[at], at)) return;
  // Edges: nothing has to be said to the kernel again.
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = &clients[at]};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, clients[at].link.fd, &event) < 0) give_up("epoll_ctl");
}

static double open_all(void) {
  uint64_t from = now_ns(), patience = from + ns_of(30);
  for (long opened = 0; now_ns() < patience;) {
    long waiting = opened > CONNECTING_AT_ONCE * 2 || opened == options.connections
                       ? count_in(CLIENT_CONNECTING, CLIENT_NOTIFYING) - (options.connections - opened)
                       : 0;
    for (; opened < options.connections && waiting < CONNECTING_AT_ONCE; waiting++) open_one(opened++);
    if (opened == options.connections && count_in(CLIENT_CONNECTING, CLIENT_NOTIFYING) == 0) break;
    turn(now_ns() + ns_of(0.1));
  }
  for (long at = 0; at < options.connections; at++)
    if (clients[at].state < CLIENT_READY) tally_fault(&tally, &tally.broken, at, "not open in 30 s", SPAN(""));
  return (double)(now_ns() - from) / 1e9;
}

/** Makes the calls that are due by now, each with a client that has room, in turn. @returns when the next one is due */
static uint64_t call_due(void) {
  static long next;
  for (uint64_t now = now_ns(); scheduled < scheduled_in_all; scheduled++) {
    uint64_t due = began + (uint64_t)((double)scheduled * 1e9 / options.rate);
    if (due > now) return due;
    long tried = 0;
    while (tried < options.active && !client_has_room(&clients[next])) {
      next = (next + 1) % options.active;
      tried++;
    }
    if (tried == options.active) return now + ns_of(0.01);
    client_call(&clients[next], due);
    mark(&clients[next]);
    next = (next + 1) % options.active;
  }
  return now_ns() + ns_of(0.01);
}

static void call_until(uint64_t end) {
  while (now_ns() < end) {
    uint64_t next = options.rate > 0 ? call_due() : end;
    turn(next < end ? next : end);
  }
}

static long in_flight(void) {
  long count = 0;
  for (long at = 0; at < options.active; at++)
    if (clients[at].state == CLIENT_READY) count += clients[at].in_flight;
  return count;
}

/** Waits for what is owed, and counts what never came. */
static void settle_all(void) {
  is_calling = 0;
  uint64_t patience = now_ns() + ns_of(options.patience_seconds);
  while (now_ns() < patience && (in_flight() > 0 || (options.rate > 0 && scheduled < scheduled_in_all && count_in(CLIENT_READY, CLIENT_READY) > 0))) {
    if (options.rate > 0) call_due();
    turn(now_ns() + ns_of(0.01));
  }

  for (long at = 0; at < options.active; at++)
    for (; clients[at].in_flight > 0; clients[at].in_flight--)
      tally_fault(&tally, &tally.missing, at, "no reply", SPAN(""));
  // They are as late as can be said: to leave them out would flatter whoever could not keep up.
  for (; options.rate > 0 && scheduled < scheduled_in_all; scheduled++, tally.unsent++)
    histogram_record(&tally.latencies, now_ns() - began - (uint64_t)((double)scheduled * 1e9 / options.rate));
}

static void call_all(void) {
  began = now_ns();
  tally.counts_from = began + ns_of(options.warm_up_seconds);
  tally.counts_until = tally.counts_from + ns_of(options.seconds);
  scheduled_in_all = (long)(options.rate * (options.warm_up_seconds + options.seconds));

  is_calling = 1;
  for (long at = 0; at < options.active && options.rate == 0; at++)
    for (long call = 0; call < options.depth; call++) {
      if (client_has_room(&clients[at])) client_call(&clients[at], now_ns());
      mark(&clients[at]);
    }
  call_until(tally.counts_until);
  settle_all();
}

static void end_all(void) {
  for (long at = 0; at < options.connections; at++) {
    client_end(&clients[at]);
    if (clients[at].state == CLIENT_ENDING) mark(&clients[at]);
  }
  uint64_t patience = now_ns() + ns_of(GOODBYE_SECONDS);
  while (now_ns() < patience && count_in(CLIENT_ENDING, CLIENT_ENDING) > 0) turn(now_ns() + ns_of(0.05));
}

int main(int count, char **arguments) {
  options = options_of(count, arguments);
  signal(SIGPIPE, SIG_IGN);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  // A timer may be 50 µs late otherwise.
  prctl(PR_SET_TIMERSLACK, 1);
  lift_file_limit();

  Run run = {&options, &tally, replied};
  poller = epoll_create1(0);
  clients = calloc((size_t)options.connections, sizeof *clients);
  dirty = calloc((size_t)options.connections, sizeof *dirty);
  if (!clients || !dirty) give_up("calloc");
  call_prepare(&options);
  client_prepare(&run);

  double seconds = open_all();
  if (options.holds) {
    printf("{\"open\":%ld,\"seconds\":%.3f}\n", count_in(CLIENT_READY, CLIENT_READY), seconds);
    fflush(stdout);
    // Pings are answered meanwhile.
    fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
    char line[64];
    while (read(STDIN_FILENO, line, sizeof line) < 0 && errno == EAGAIN) turn(now_ns() + ns_of(0.05));
  }
  call_all();
  end_all();
  tally_print(&tally, options.seconds);
  return 0;
}
