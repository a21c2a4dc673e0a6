/*
 * The upstream server of the benchmark: one thread, epoll, about 3 µs a reply.
 *
 *   echo [--unix PATH] [--stdio] [--port N] [--tools N --name NAME] [--lie id|payload|missing|duplicate|error --lie-every N]
 *
 * Speaks MCP over WebSocket and Streamable HTTP (JSON answers, no sessions) on one port of 127.0.0.1, and as lines over
 * a unix socket or its standard streams. Prints `{"port":N}` once it listens, unless it speaks over the streams.
 */
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>

#include "accept-key.h"
#include "frame.h"
#include "http.h"
#include "reply.h"
#include "socket.h"

typedef enum { LISTENER, HTTP, WEBSOCKET, LINES } Kind;

typedef struct {
  Kind kind;
  int in_fd;
  int out_fd;
  int waits_to_write;
  Bytes in;
  Bytes out;
  /** A message that comes in several frames. */
  Bytes pieces;
} Connection;

static int poller;
static Server server;
static Bytes reply;

static Connection *watch(Kind kind, int in_fd, int out_fd) {
  Connection *connection = calloc(1, sizeof *connection);
  *connection = (Connection){.kind = kind, .in_fd = in_fd, .out_fd = out_fd};
  fcntl(in_fd, F_SETFL, fcntl(in_fd, F_GETFL) | O_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, in_fd, &event) < 0) give_up("epoll_ctl");
  return connection;
}

static void end(Connection *connection) {
  if (connection->in_fd == STDIN_FILENO) exit(0);
  close(connection->in_fd);
  bytes_free(&connection->in);
  bytes_free(&connection->out);
  bytes_free(&connection->pieces);
  free(connection);
}

static void send_frame(Connection *connection, int opcode, const char *payload, size_t length) {
  frame_head(&connection->out, opcode, length, 0);
  bytes_append(&connection->out, payload, length);
}

/** Answers one message in a frame or a line. */
static void answer(Connection *connection, Span message) {
  bytes_take(&reply, bytes_length(&reply));
  if (!reply_to(message, &reply)) return;

  int times = server.lie && strcmp(server.lie, "duplicate") == 0 ? 2 : 1;
  while (times-- > 0) {
    if (connection->kind == WEBSOCKET) {
      send_frame(connection, FRAME_TEXT, bytes_at(&reply), bytes_length(&reply));
    } else {
      bytes_append(&connection->out, bytes_at(&reply), bytes_length(&reply));
      bytes_text(&connection->out, "\n");
    }
  }
}

static int take_frames(Connection *connection) {
  Frame frame;
  for (size_t length; bytes_length(&connection->in) > 0 && (length = frame_read(&connection->in, &frame));
       bytes_take(&connection->in, length)) {
    if (frame.opcode == FRAME_CLOSE) return 0;
    if (frame.opcode == FRAME_PING) send_frame(connection, FRAME_PONG, frame.payload, frame.length);
    if (frame.opcode >= FRAME_CLOSE) continue;
    if (frame.is_final && frame.opcode != FRAME_CONTINUATION) {
      answer(connection, (Span){frame.payload, frame.length});
      continue;
    }
    bytes_append(&connection->pieces, frame.payload, frame.length);
    if (!frame.is_final) continue;
    answer(connection, (Span){bytes_at(&connection->pieces), bytes_length(&connection->pieces)});
    bytes_take(&connection->pieces, bytes_length(&connection->pieces));
  }
  return 1;
}

static int take_lines(Connection *connection) {
  for (;;) {
    char *at = bytes_at(&connection->in);
    size_t there = bytes_length(&connection->in);
    char *feed = there ? memchr(at, '\n', there) : NULL;
    if (!feed) return 1;
    if (feed > at) answer(connection, (Span){at, (size_t)(feed - at)});
    bytes_take(&connection->in, (size_t)(feed - at) + 1);
  }
}

static void upgrade(Connection *connection, const Head *head) {
  char key[29];
  accept_key(head->key, key);
  bytes_text(&connection->out, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                               "Sec-WebSocket-Protocol: mcp\r\nSec-WebSocket-Accept: ");
  bytes_text(&connection->out, key);
  bytes_text(&connection->out, "\r\n\r\n");
  connection->kind = WEBSOCKET;
}

static void answer_post(Connection *connection, Span body) {
  bytes_take(&reply, bytes_length(&reply));
  if (!reply_to(body, &reply)) {
    bytes_text(&connection->out, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
    return;
  }
  bytes_text(&connection->out, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ");
  bytes_number(&connection->out, bytes_length(&reply));
  bytes_text(&connection->out, "\r\n\r\n");
  bytes_append(&connection->out, bytes_at(&reply), bytes_length(&reply));
}

/** @returns the length of a request with its body, 0 while some of it is missing, -1 where it makes no sense */
static long take_request(Connection *connection) {
  static Bytes joined;
  Head head;
  if (!head_read(&connection->in, &head)) return 0;
  if (head.key.at) {
    upgrade(connection, &head);
    return (long)head.length;
  }

  size_t there = bytes_length(&connection->in) - head.length;
  long length = head.content_length < 0 ? 0 : head.content_length;
  Span body = {bytes_at(&connection->in) + head.length, (size_t)length};
  if (head.is_chunked) {
    length = chunks_read(body.at, there, &joined);
    if (length <= 0) return length;
    body = (Span){bytes_at(&joined), bytes_length(&joined)};
  } else if (there < (size_t)length) {
    bytes_room(&connection->in, (size_t)length - there);
    return 0;
  }

  if (strncmp(head.start.at, "POST ", 5) == 0) answer_post(connection, body);
  else bytes_text(&connection->out, "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n");
  return (long)head.length + length;
}

static int take_requests(Connection *connection) {
  while (connection->kind == HTTP && bytes_length(&connection->in) > 0) {
    long length = take_request(connection);
    if (length <= 0) return length == 0;
    bytes_take(&connection->in, (size_t)length);
  }
  return connection->kind == HTTP || take_frames(connection);
}

static int flush(Connection *connection) {
  if (!drain(connection->out_fd, &connection->out)) return 0;
  int waits = bytes_length(&connection->out) > 0;
  if (waits == connection->waits_to_write) return 1;

  connection->waits_to_write = waits;
  // Nothing more is read from whoever does not take what it asked for.
  struct epoll_event event = {.events = waits ? EPOLLOUT : EPOLLIN, .data.ptr = connection};
  if (connection->in_fd != connection->out_fd) {
    // The two ends of a pipe: what is written is waited for in place.
    int flags = fcntl(connection->out_fd, F_GETFL);
    fcntl(connection->out_fd, F_SETFL, flags & ~O_NONBLOCK);
    int is_open = drain(connection->out_fd, &connection->out);
    connection->waits_to_write = 0;
    return is_open;
  }
  return epoll_ctl(poller, EPOLL_CTL_MOD, connection->in_fd, &event) == 0;
}

static int serve(Connection *connection, uint32_t events) {
  if (events & EPOLLOUT) return flush(connection);
  int is_open = fill(connection->in_fd, &connection->in);
  int is_sound = connection->kind == HTTP        ? take_requests(connection)
                 : connection->kind == WEBSOCKET ? take_frames(connection)
                                                 : take_lines(connection);
  return flush(connection) && is_open && is_sound;
}

static void accept_all(const Connection *listener, Kind kind) {
  for (int fd; (fd = accept4(listener->in_fd, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
    if (kind == HTTP) no_delay(fd);
    watch(kind, fd, fd);
  }
}

static int listen_at(struct sockaddr *address, socklen_t length) {
  int fd = socket(address->sa_family, SOCK_STREAM, 0), on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, address, length) < 0) give_up("bind");
  if (listen(fd, 4096) < 0) give_up("listen");
  return fd;
}

int main(int count, char **arguments) {
  const char *path = NULL;
  int is_stdio = 0, port = 0;
  server = (Server){.name = "tool", .lie_every = 100};
  for (int at = 1; at < count; at++) {
    const char *value = at + 1 < count ? arguments[at + 1] : "";
    if (strcmp(arguments[at], "--stdio") == 0) {
      is_stdio = 1;
      continue;
    }
    if (strcmp(arguments[at], "--unix") == 0) path = value;
    else if (strcmp(arguments[at], "--port") == 0) port = atoi(value);
    else if (strcmp(arguments[at], "--tools") == 0) server.tools = atol(value);
    else if (strcmp(arguments[at], "--name") == 0) server.name = value;
    else if (strcmp(arguments[at], "--lie") == 0) server.lie = value;
    else if (strcmp(arguments[at], "--lie-every") == 0) server.lie_every = atol(value);
    else {
      fprintf(stderr, "unknown option %s\n", arguments[at]);
      return 2;
    }
    at++;
  }

  signal(SIGPIPE, SIG_IGN);
  // Nobody is left behind by a benchmark that was killed.
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  lift_file_limit();
  poller = epoll_create1(0);
  reply_prepare(&server);
  Connection *tcp = NULL, *unix_listener = NULL;
  if (is_stdio) {
    watch(LINES, STDIN_FILENO, STDOUT_FILENO);
  } else {
    struct sockaddr_in address = ip_address("127.0.0.1", port);
    socklen_t length = sizeof address;
    tcp = watch(LISTENER, listen_at((struct sockaddr *)&address, length), -1);
    getsockname(tcp->in_fd, (struct sockaddr *)&address, &length);
    if (path) {
      struct sockaddr_un local = unix_address(path);
      unlink(path);
      unix_listener = watch(LISTENER, listen_at((struct sockaddr *)&local, sizeof local), -1);
    }
    printf("{\"port\":%d}\n", ntohs(address.sin_port));
    fflush(stdout);
  }

  for (;;) {
    struct epoll_event events[256];
    int ready = epoll_wait(poller, events, 256, -1);
    for (int at = 0; at < ready; at++) {
      Connection *connection = events[at].data.ptr;
      if (connection == tcp) accept_all(connection, HTTP);
      else if (connection == unix_listener) accept_all(connection, LINES);
      else if (!serve(connection, events[at].events)) end(connection);
    }
  }
}
