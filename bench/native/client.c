#include "client.h"

#include "call.h"
#include "frame.h"
#include "http.h"

static const Run *run;
static long slot_count;
static Bytes upgrade_head, post_head, call_headers, body;

/** Of `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==` (RFC 6455, 1.3). */
#define ACCEPTED_KEY "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

#define INITIALIZE                                                                                  \
  "{\"jsonrpc\":\"2.0\",\"id\":\"initialize\",\"method\":\"initialize\",\"params\":{"               \
  "\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},\"clientInfo\":{\"name\":\"bench\",\"version\":\"1.0.0\"}}}"
#define INITIALIZED "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}"

static void prepare_http(const Options *options, const char *authority) {
  bytes_text(&post_head, "POST ");
  bytes_text(&post_head, options->path);
  bytes_text(&post_head, " HTTP/1.1\r\nHost: ");
  bytes_text(&post_head, authority);
  bytes_text(&post_head, "\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
                         "MCP-Protocol-Version: ");
  bytes_text(&post_head, options->is_modern ? "2026-07-28\r\n" : "2025-11-25\r\n");
  bytes_append(&post_head, bytes_at(&options->headers), bytes_length(&options->headers));

  if (!options->is_modern) return;
  bytes_text(&call_headers, options->shape == SHAPE_LIST ? "Mcp-Method: tools/list\r\n" : "Mcp-Method: tools/call\r\nMcp-Name: ");
  if (options->shape == SHAPE_LIST) return;
  bytes_text(&call_headers, options->tool);
  bytes_text(&call_headers, "\r\n");
}

void client_prepare(const Run *shared) {
  run = shared;
  const Options *options = run->options;
  for (slot_count = 1; slot_count < options->depth * 2; slot_count *= 2) {}

  char authority[160];
  snprintf(authority, sizeof authority, "%s:%d", options->host, options->port);
  prepare_http(options, authority);
  bytes_text(&upgrade_head, "GET ");
  bytes_text(&upgrade_head, options->path);
  bytes_text(&upgrade_head, " HTTP/1.1\r\nHost: ");
  bytes_text(&upgrade_head, authority);
  bytes_text(&upgrade_head, "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mcp\r\n");
  bytes_append(&upgrade_head, bytes_at(&options->headers), bytes_length(&options->headers));
  bytes_text(&upgrade_head, "\r\n");
}

static void fault(const Client *client, long *count, const char *what, Span seen) {
  tally_fault(run->tally, count, client->number, what, seen);
}

static void breaks(Client *client, const char *what, Span seen) {
  fault(client, &run->tally->broken, what, seen);
  client_close(client);
}

/** A key that nobody can foresee is for browsers; this one only has to make both ends do their work. */
static uint32_t next_mask(void) {
  static uint32_t state = 0x9e3779b9;
  state ^= state << 13;
  state ^= state >> 17;
  return state ^= state << 5;
}

static void send_frame(Client *client, int opcode, const char *payload, size_t length) {
  uint32_t key = next_mask();
  frame_head(&client->out, opcode, length, key);
  bytes_append(&client->out, payload, length);
  frame_mask(client->out.data + client->out.end - length, length, key);
}

static void send_message(Client *client, const char *headers, size_t headers_length, Span message) {
  Bytes *out = &client->out;
  switch (run->options->transport) {
    case OVER_WEBSOCKET:
      send_frame(client, FRAME_TEXT, message.at, message.length);
      return;
    case OVER_LINES:
      bytes_span(out, message);
      bytes_text(out, "\n");
      return;
    default:
      bytes_append(out, bytes_at(&post_head), bytes_length(&post_head));
      bytes_append(out, bytes_at(&client->session), bytes_length(&client->session));
      bytes_append(out, headers, headers_length);
      bytes_text(out, "Content-Length: ");
      bytes_number(out, message.length);
      bytes_text(out, "\r\n\r\n");
      bytes_span(out, message);
  }
}

int client_has_room(const Client *client) {
  return client->state == CLIENT_READY && client->in_flight < run->options->depth;
}

void client_call(Client *client, uint64_t due) {
  Slot *slot;
  // A place is taken while an older call still waits in it: ids skip it.
  do slot = &client->slots[++client->last_id & (slot_count - 1)];
  while (slot->id);
  *slot = (Slot){client->last_id, due};
  client->in_flight++;

  bytes_take(&body, bytes_length(&body));
  call_append(&body, client->number, client->last_id);
  send_message(client, bytes_at(&call_headers), bytes_length(&call_headers), (Span){bytes_at(&body), bytes_length(&body)});
}

/** The call with this id is over. @returns when it was due, or 0 where there is no such call */
static uint64_t settle(Client *client, long id) {
  Slot *slot = &client->slots[id & (slot_count - 1)];
  if (id < 1 || slot->id != id) return 0;
  slot->id = 0;
  client->in_flight--;
  return slot->due;
}

static void introduce(Client *client) {
  if (run->options->is_modern) {
    client->state = CLIENT_READY;
    return;
  }
  client->state = CLIENT_INITIALIZING;
  send_message(client, NULL, 0, SPAN(INITIALIZE));
}

static void take_introduction(Client *client, Span message) {
  if (!memmem(message.at, message.length, "\"result\"", 8)) return breaks(client, "not introduced", message);
  send_message(client, NULL, 0, SPAN(INITIALIZED));
  client->state = run->options->transport == OVER_HTTP ? CLIENT_NOTIFYING : CLIENT_READY;
}

static void take_message(Client *client, Span message, uint64_t now) {
  if (client->state == CLIENT_INITIALIZING) return take_introduction(client, message);

  Reply reply = call_judge(message, client->number);
  if (reply.verdict == REPLY_NONE) return;
  uint64_t due = settle(client, reply.id);
  if (!due) {
    int is_second = reply.id >= 1 && reply.id <= client->last_id;
    fault(client, is_second ? &run->tally->duplicate : &run->tally->wrong, is_second ? "second reply" : "reply to nothing", message);
    return;
  }
  if (reply.verdict == REPLY_RIGHT) tally_reply(run->tally, due, now);
  else fault(client, &run->tally->wrong, "wrong reply", message);
  run->replied(client, now);
}

static void take_frames(Client *client, uint64_t now) {
  Frame frame;
  for (size_t length; client->state < CLIENT_ENDED && bytes_length(&client->in) > 0 && (length = frame_read(&client->in, &frame));
       bytes_take(&client->in, length)) {
    if (frame.opcode == FRAME_CLOSE) {
      if (client->state == CLIENT_ENDING) return client_close(client);
      return breaks(client, "closed", (Span){frame.payload, frame.length});
    }
    if (frame.opcode == FRAME_PING) send_frame(client, FRAME_PONG, frame.payload, frame.length);
    if (frame.opcode >= FRAME_CLOSE) continue;
    if (frame.is_final && frame.opcode == FRAME_TEXT) {
      take_message(client, (Span){frame.payload, frame.length}, now);
      continue;
    }
    bytes_append(&client->pieces, frame.payload, frame.length);
    if (!frame.is_final) continue;
    take_message(client, (Span){bytes_at(&client->pieces), bytes_length(&client->pieces)}, now);
    bytes_take(&client->pieces, bytes_length(&client->pieces));
  }
}

static void take_lines(Client *client, uint64_t now) {
  while (bytes_length(&client->in) > 0) {
    char *at = bytes_at(&client->in);
    char *feed = memchr(at, '\n', bytes_length(&client->in));
    if (!feed) return;
    if (feed > at) take_message(client, (Span){at, (size_t)(feed - at)}, now);
    bytes_take(&client->in, (size_t)(feed - at) + 1);
  }
}

static void take_upgrade(Client *client, uint64_t now) {
  Head head;
  if (!head_read(&client->in, &head)) return;
  if (!IS(head.key, ACCEPTED_KEY)) return breaks(client, "not upgraded", head.start);
  bytes_take(&client->in, head.length);
  introduce(client);
  take_frames(client, now);
}

/** The messages of an answer: one as JSON, any number as a stream of events. */
static void take_body(Client *client, Span text, int is_events, uint64_t now) {
  if (!is_events) {
    if (text.length > 0) take_message(client, text, now);
    return;
  }
  for (const char *at = text.at, *end = at + text.length; at < end;) {
    const char *feed = memchr(at, '\n', (size_t)(end - at));
    const char *stop = feed ? feed : end;
    const char *data = at + 5;
    while (data < stop && *data == ' ') data++;
    size_t length = data < stop ? (size_t)(stop - data) - (stop[-1] == '\r') : 0;
    if (stop - at > 5 && memcmp(at, "data:", 5) == 0 && length > 0) take_message(client, (Span){data, length}, now);
    at = stop + 1;
  }
}

/** A whole answer came: whatever it is, the call that was in flight is over. */
static void take_answer(Client *client, const Head *head, Span text, uint64_t now) {
  int status = head->start.length > 12 ? atoi(head->start.at + 9) : 0;
  if (head->session.at && bytes_length(&client->session) == 0) {
    bytes_text(&client->session, "Mcp-Session-Id: ");
    bytes_span(&client->session, head->session);
    bytes_text(&client->session, "\r\n");
  }

  switch (client->state) {
    case CLIENT_NOTIFYING:
      if (status < 200 || status > 299) return breaks(client, "not introduced", head->start);
      client->state = CLIENT_READY;
      return;
    case CLIENT_ENDING:
      return client_close(client);
    case CLIENT_INITIALIZING:
      if (status != 200) return breaks(client, "not introduced", text);
      return take_body(client, text, head->is_events, now);
    default:
      break;
  }
  long id = client->last_id;
  if (status == 200) take_body(client, text, head->is_events, now);
  if (client->slots[id & (slot_count - 1)].id != id) return;
  fault(client, &run->tally->wrong, status == 200 ? "answer without a reply" : "refused", status == 200 ? text : head->start);
  settle(client, id);
  run->replied(client, now);
}

static void take_answers(Client *client, uint64_t now) {
  static Bytes joined;
  Head head;
  while (client->state < CLIENT_ENDED && bytes_length(&client->in) > 0 && head_read(&client->in, &head)) {
    const char *at = bytes_at(&client->in) + head.length;
    size_t there = bytes_length(&client->in) - head.length;
    long length = head.content_length < 0 ? 0 : head.content_length;
    Span text = {at, (size_t)length};
    if (head.is_chunked) {
      length = chunks_read(at, there, &joined);
      if (length == 0) return;
      if (length < 0) return breaks(client, "broken chunks", head.start);
      text = (Span){bytes_at(&joined), bytes_length(&joined)};
    } else if (there < (size_t)length) {
      bytes_room(&client->in, (size_t)length - there);
      return;
    }
    take_answer(client, &head, text, now);
    if (client->state < CLIENT_ENDED) bytes_take(&client->in, head.length + (size_t)length);
  }
}

int client_open(Client *client, long number) {
  *client = (Client){.number = number, .slots = calloc((size_t)slot_count, sizeof(Slot))};
  if (!client->slots) give_up("calloc");
  if (!link_open(&client->link, run->options)) {
    breaks(client, "cannot connect", (Span){strerror(errno), strlen(strerror(errno))});
    return 0;
  }
  if (run->options->transport == OVER_WEBSOCKET) {
    client->state = CLIENT_UPGRADING;
    bytes_append(&client->out, bytes_at(&upgrade_head), bytes_length(&upgrade_head));
  } else {
    client->state = CLIENT_CONNECTING;
  }
  return 1;
}

void client_serve(Client *client, uint64_t now) {
  // Only what is connected can be written to: the first event says so.
  if (client->state == CLIENT_CONNECTING) introduce(client);
  int is_open = link_read(&client->link, &client->in);
  if (client->state == CLIENT_UPGRADING) take_upgrade(client, now);
  else if (run->options->transport == OVER_WEBSOCKET) take_frames(client, now);
  else if (run->options->transport == OVER_LINES) take_lines(client, now);
  else take_answers(client, now);

  if (is_open || client->state == CLIENT_ENDED) return;
  if (client->state == CLIENT_ENDING) client_close(client);
  else breaks(client, "connection ended", SPAN(""));
}

void client_flush(Client *client) {
  client->is_dirty = 0;
  if (client->state == CLIENT_ENDED || link_write(&client->link, &client->out)) return;
  // While it is still being connected, a socket takes nothing.
  if (errno == ENOTCONN) return;
  if (client->state == CLIENT_ENDING) client_close(client);
  else breaks(client, "cannot write", (Span){strerror(errno), strlen(strerror(errno))});
}

void client_end(Client *client) {
  if (client->state == CLIENT_ENDED) return;
  int is_known = client->state == CLIENT_READY && bytes_length(&client->session) > 0;
  client->state = CLIENT_ENDING;
  if (run->options->transport == OVER_WEBSOCKET) {
    send_frame(client, FRAME_CLOSE, "\x03\xe8", 2);
  } else if (is_known) {
    bytes_text(&client->out, "DELETE");
    bytes_append(&client->out, bytes_at(&post_head) + 4, bytes_length(&post_head) - 4);
    bytes_append(&client->out, bytes_at(&client->session), bytes_length(&client->session));
    bytes_text(&client->out, "\r\n");
  } else {
    client_close(client);
  }
}

void client_close(Client *client) {
  link_close(&client->link);
  client->state = CLIENT_ENDED;
}
