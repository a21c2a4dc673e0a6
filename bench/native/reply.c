#include "reply.h"

#include "json.h"
#include "result.h"

/** A request, as far as anything depends on it. */
typedef struct {
  Span id;
  Span method;
  Span tool;
  /** The argument, with the escapes that it came with. */
  Span text;
  long bytes;
  Span revision;
  int is_modern;
} Request;

enum { KEPT_RESULTS = 16 };

typedef struct {
  long bytes;
  Bytes content;
} Kept;

static const Server *served;
static Bytes tool_list;
static Kept kept_prose[KEPT_RESULTS], kept_rows[KEPT_RESULTS];
static long replies;

#define TEXT_SCHEMA \
  "\"inputSchema\":{\"type\":\"object\",\"properties\":{\"text\":{\"type\":\"string\"}},\"required\":[\"text\"]}}"
#define SIZED_SCHEMA                                                                                       \
  "\"inputSchema\":{\"type\":\"object\",\"properties\":{\"text\":{\"type\":\"string\"},\"bytes\":{\"type\":" \
  "\"integer\"}},\"required\":[\"text\",\"bytes\"]}}"

void reply_prepare(const Server *server) {
  served = server;
  if (server->tools == 0) {
    bytes_text(&tool_list, "[{\"name\":\"echo\",\"description\":\"Returns the text it is given\"," TEXT_SCHEMA ","
                           "{\"name\":\"echo_text\",\"description\":\"Returns text of a size\"," SIZED_SCHEMA ","
                           "{\"name\":\"echo_nested\",\"description\":\"Returns records of a size\"," SIZED_SCHEMA "]");
    return;
  }
  bytes_text(&tool_list, "[");
  for (long tool = 0; tool < server->tools; tool++) {
    char text[600];
    snprintf(text, sizeof text,
             "%s{\"name\":\"%s_%03ld\",\"description\":\"Looks up what is kept under a number in the store of %s, with all "
             "that belongs to it\",\"inputSchema\":{\"type\":\"object\",\"properties\":{\"number\":{\"type\":\"integer\","
             "\"minimum\":1},\"fields\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},\"language\":{\"type\":"
             "\"string\"}},\"required\":[\"number\"]}}",
             tool ? "," : "", server->name, tool, server->name);
    bytes_text(&tool_list, text);
  }
  bytes_text(&tool_list, "]");
}

static const Bytes *kept(Kept *all, long bytes, Bytes (*make)(size_t)) {
  for (Kept *one = all; one < all + KEPT_RESULTS; one++) {
    if (one->bytes == bytes) return &one->content;
    if (one->bytes) continue;
    one->bytes = bytes;
    one->content = make((size_t)bytes);
    return &one->content;
  }
  fputs("too many different sizes of results\n", stderr);
  exit(1);
}

static const char *read_arguments(const char *at, const char *end, Request *request) {
  Span name, value;
  for (at = json_object(at, end); at && (at = json_member(at, end, &name)) && name.at;) {
    if (IS(name, "text")) at = json_string(at, end, &request->text);
    else if ((at = json_value(at, end, &value)) && IS(name, "bytes")) request->bytes = json_count(value);
  }
  return at;
}

static const char *read_params(const char *at, const char *end, Request *request) {
  static const char key[] = "\"io.modelcontextprotocol/protocolVersion\"";
  Span name, value;
  for (at = json_object(at, end); at && (at = json_member(at, end, &name)) && name.at;) {
    if (IS(name, "name")) at = json_string(at, end, &request->tool);
    else if (IS(name, "arguments")) at = read_arguments(at, end, request);
    else if (IS(name, "protocolVersion")) at = json_string(at, end, &request->revision);
    else if ((at = json_value(at, end, &value)) && IS(name, "_meta"))
      request->is_modern = memmem(value.at, value.length, key, sizeof key - 1) != NULL;
  }
  return at;
}

static const char *read_request(const char *at, const char *end, Request *request) {
  Span name, ignored;
  for (at = json_object(at, end); at && (at = json_member(at, end, &name)) && name.at;) {
    if (IS(name, "id")) at = json_value(at, end, &request->id);
    else if (IS(name, "method")) at = json_string(at, end, &request->method);
    else if (IS(name, "params")) at = read_params(at, end, request);
    else at = json_value(at, end, &ignored);
  }
  return at;
}

static void append_call(const Request *request, Bytes *out) {
  bytes_text(out, "\"content\":[{\"type\":\"text\",\"text\":\"");
  bytes_span(out, request->text);
  if (IS(request->tool, "echo_text")) {
    const Bytes *prose = kept(kept_prose, request->bytes, prose_of);
    bytes_append(out, bytes_at(prose), bytes_length(prose));
  }
  bytes_text(out, "\"}]");
  if (IS(request->tool, "echo_nested")) {
    const Bytes *rows = kept(kept_rows, request->bytes, rows_of);
    bytes_text(out, ",\"structuredContent\":{\"asked\":\"");
    bytes_span(out, request->text);
    bytes_text(out, "\",\"rows\":");
    bytes_append(out, bytes_at(rows), bytes_length(rows));
    bytes_text(out, "}");
  }
}

#define CAPABILITIES "\"capabilities\":{\"tools\":{}}"
#define NAME "{\"name\":\"echo\",\"version\":\"1.0.0\"}"
#define KEEPING ",\"ttlMs\":60000,\"cacheScope\":\"public\""

/** Appends the members of a result. @returns whether the method is known */
static int append_result(const Request *request, Bytes *out) {
  int is_modern = request->is_modern;
  if (IS(request->method, "tools/call")) {
    if (is_modern) bytes_text(out, "\"resultType\":\"complete\",");
    append_call(request, out);
  } else if (IS(request->method, "tools/list")) {
    if (is_modern) bytes_text(out, "\"resultType\":\"complete\",");
    bytes_text(out, "\"tools\":");
    bytes_append(out, bytes_at(&tool_list), bytes_length(&tool_list));
    if (is_modern) bytes_text(out, KEEPING);
  } else if (IS(request->method, "server/discover") && is_modern) {
    bytes_text(out, "\"resultType\":\"complete\",\"supportedVersions\":[\"2026-07-28\"]," CAPABILITIES KEEPING
                    ",\"_meta\":{\"io.modelcontextprotocol/serverInfo\":" NAME "}");
  } else if (IS(request->method, "initialize") && !is_modern) {
    bytes_text(out, "\"protocolVersion\":\"");
    bytes_span(out, request->revision);
    bytes_text(out, "\"," CAPABILITIES ",\"serverInfo\":" NAME);
  } else {
    return IS(request->method, "ping") && !is_modern;
  }
  return 1;
}

/** Makes a reply wrong, for the tests of the generator. */
static void spoil(Bytes *out, size_t from, const Request *request) {
  char *at = bytes_at(out) + from, *end = bytes_at(out) + bytes_length(out);
  if (strcmp(served->lie, "id") == 0) at[sizeof "{\"jsonrpc\":\"2.0\",\"id\":" - 1] ^= 1;
  if (strcmp(served->lie, "payload") == 0) end[-sizeof "\"}]}}"] ^= 1;
  if (strcmp(served->lie, "missing") == 0) out->end = out->start + from;
  if (strcmp(served->lie, "error") == 0) {
    out->end = out->start + from;
    bytes_text(out, "{\"jsonrpc\":\"2.0\",\"id\":");
    bytes_span(out, request->id);
    bytes_text(out, ",\"error\":{\"code\":-32603,\"message\":\"broken\"}}");
  }
}

int reply_to(Span message, Bytes *out) {
  Request request = {0};
  size_t from = bytes_length(out);
  if (!read_request(message.at, message.at + message.length, &request)) {
    bytes_text(out, "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,\"message\":\"not JSON\"}}");
    return 1;
  }
  if (!request.id.at || !request.method.at) return 0;

  bytes_text(out, "{\"jsonrpc\":\"2.0\",\"id\":");
  bytes_span(out, request.id);
  bytes_text(out, ",\"result\":{");
  if (append_result(&request, out)) {
    bytes_text(out, "}}");
  } else {
    out->end -= sizeof "\"result\":{" - 1;
    bytes_text(out, "\"error\":{\"code\":-32601,\"message\":\"method not found\"}}");
  }
  if (served->lie && IS(request.method, "tools/call") && ++replies % served->lie_every == 0)
    spoil(out, from, &request);
  return bytes_length(out) > from;
}
