#include "call.h"

#include "json.h"
#include "result.h"

enum { EXPECTED_PARTS = 4 };

/** The JSON that has to come, in pieces. */
typedef struct {
  Span parts[EXPECTED_PARTS];
  int count;
} Expected;

static const Options *asked;
static Bytes before_text, after_text, padding, filler, first_list;

#define ENVELOPE                                                                                       \
  "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","                             \
  "\"io.modelcontextprotocol/clientInfo\":{\"name\":\"bench\",\"version\":\"1.0.0\"},"                 \
  "\"io.modelcontextprotocol/clientCapabilities\":{}}"

void call_prepare(const Options *options) {
  asked = options;
  if (options->shape == SHAPE_LIST) {
    bytes_text(&after_text, ",\"method\":\"tools/list\"");
    bytes_text(&after_text, options->is_modern ? ",\"params\":{" ENVELOPE "}}" : "}");
    return;
  }

  bytes_text(&before_text, ",\"method\":\"tools/call\",\"params\":{\"name\":\"");
  bytes_text(&before_text, options->tool);
  bytes_text(&before_text, "\",\"arguments\":{\"text\":\"");
  bytes_text(&after_text, "\"");
  if (options->shape != SHAPE_ECHO) {
    bytes_text(&after_text, ",\"bytes\":");
    bytes_number(&after_text, (unsigned long)options->bytes);
  }
  bytes_text(&after_text, options->is_modern ? "}," ENVELOPE "}}" : "}}}");

  if (options->shape == SHAPE_TEXT) filler = prose_of((size_t)options->bytes);
  if (options->shape == SHAPE_NESTED) filler = rows_of((size_t)options->bytes);
  if (options->shape == SHAPE_ECHO) memset(bytes_room(&padding, (size_t)options->bytes + 1), '.', (size_t)options->bytes);
}

/** Writes who asks, and the id. @returns how much that is */
static size_t words_of(char *words, long client, long id) {
  return (size_t)snprintf(words, 64, "c%ld %ld ", client, id);
}

static size_t padding_for(size_t words) {
  return asked->shape == SHAPE_ECHO && (size_t)asked->bytes > words ? (size_t)asked->bytes - words : 0;
}

void call_append(Bytes *out, long client, long id) {
  bytes_text(out, "{\"jsonrpc\":\"2.0\",\"id\":");
  bytes_number(out, (unsigned long)id);
  if (asked->shape != SHAPE_LIST) {
    char words[64];
    size_t length = words_of(words, client, id);
    bytes_append(out, bytes_at(&before_text), bytes_length(&before_text));
    bytes_append(out, words, length);
    bytes_append(out, padding.data, padding_for(length));
  }
  bytes_append(out, bytes_at(&after_text), bytes_length(&after_text));
}

static Expected expected_of(char words[64], size_t length) {
  Span own = {words, length};
  Span rest = {bytes_at(&filler), bytes_length(&filler)};
  switch (asked->shape) {
    case SHAPE_ECHO:
      return (Expected){{SPAN("\""), own, {padding.data, padding_for(length)}, SPAN("\"")}, 4};
    case SHAPE_TEXT:
      return (Expected){{SPAN("\""), own, rest, SPAN("\"")}, 4};
    case SHAPE_NESTED:
      // The words lack their quotes, which stand in the parts around them.
      return (Expected){{SPAN("{\"asked\":\""), own, SPAN("\",\"rows\":"), rest}, 4};
    default:
      return (Expected){{{bytes_at(&first_list), bytes_length(&first_list)}}, 1};
  }
}

/** @returns the place behind what was expected, or null where something else stands there */
static const char *expect(const char *at, const char *end, const Expected *expected) {
  for (int part = 0; part < expected->count; part++) {
    Span span = expected->parts[part];
    if ((size_t)(end - at) < span.length || memcmp(at, span.at, span.length) != 0) return NULL;
    at += span.length;
  }
  return at;
}

/** Keeps the first list, once it has the right number of tools, to compare all others with. */
static const char *keep_list(const char *at, const char *end, int *is_right) {
  Span list;
  const char *after = json_value(at, end, &list);
  long tools = 0;
  if (!after || *at != '[') return NULL;
  for (at = json_space(at + 1, after); at && *at == '{'; tools++) {
    at = json_skip(at, after);
    if (at) at = json_space(at, after);
    if (at && *at == ',') at = json_space(at + 1, after);
  }
  *is_right = tools == asked->tools;
  if (*is_right) bytes_span(&first_list, list);
  return after;
}

static const char *judge_value(const char *at, const char *end, const Expected *expected, int *right) {
  const char *after = expect(at, end, expected);
  if (after && asked->shape == SHAPE_NESTED) after = after < end && *after == '}' ? after + 1 : NULL;
  if (after) (*right)++;
  return after ? after : json_skip(at, end);
}

/** Content is right if it is one block with the right text. */
static const char *judge_content(const char *at, const char *end, const Expected *expected, int *right) {
  Span name, ignored;
  const char *after = json_value(at, end, &ignored);
  if (!after || *at != '[') return after;
  for (at = json_object(at + 1, after); at && (at = json_member(at, after, &name)) && name.at;) {
    if (IS(name, "text")) at = judge_value(at, after, expected, right);
    else at = json_value(at, after, &ignored);
  }
  // A second block is one too many.
  if (at && *json_space(at, after) != ']') *right = 0;
  return after;
}

/** @returns the place behind a result; `right` counts what was found as expected in it */
static const char *judge_result(const char *at, const char *end, const Expected *expected, int *right) {
  Span name, value;
  for (at = json_object(at, end); at && (at = json_member(at, end, &name)) && name.at;) {
    if (IS(name, "content") && (asked->shape == SHAPE_ECHO || asked->shape == SHAPE_TEXT))
      at = judge_content(at, end, expected, right);
    else if (IS(name, "structuredContent") && asked->shape == SHAPE_NESTED) at = judge_value(at, end, expected, right);
    else if (IS(name, "tools") && asked->shape == SHAPE_LIST)
      at = bytes_length(&first_list) ? judge_value(at, end, expected, right) : keep_list(at, end, right);
    else if (IS(name, "isError") || IS(name, "nextCursor")) {
      at = json_value(at, end, &value);
      if (at && !IS(value, "false")) *right = -1;
    } else at = json_value(at, end, &value);
  }
  return at;
}

/** What a message says of itself; a result that came before its id is kept for later. */
typedef struct {
  long id;
  int has_id;
  int has_method;
  int right;
  int results;
  const char *kept;
} Members;

static const char *judge_members(Span message, long client, Members *seen) {
  const char *end = message.at + message.length, *at;
  char words[64];
  Span name, value = {0};
  for (at = json_object(message.at, end); at && (at = json_member(at, end, &name)) && name.at;) {
    if (IS(name, "result")) {
      seen->results++;
      if (seen->has_id) {
        Expected expected = expected_of(words, words_of(words, client, seen->id));
        at = judge_result(at, end, &expected, &seen->right);
        continue;
      }
      seen->kept = at;
    }
    at = json_value(at, end, &value);
    if (IS(name, "method")) seen->has_method = 1;
    if (IS(name, "error")) seen->results++;
    if (!IS(name, "id") || !at) continue;
    // A second id, or one that is no number, is nobody's.
    seen->id = seen->has_id ? -1 : json_count(value);
    seen->has_id = 1;
  }
  if (at && json_space(at, end) != end) return NULL;
  if (at && seen->kept && seen->has_id) {
    Expected expected = expected_of(words, words_of(words, client, seen->id));
    judge_result(seen->kept, end, &expected, &seen->right);
  }
  return at;
}

Reply call_judge(Span message, long client) {
  Members seen = {.id = -1};
  const char *end = judge_members(message, client, &seen);
  if (end && seen.has_method && !seen.has_id) return (Reply){REPLY_NONE, -1};

  int is_right = end && !seen.has_method && seen.results == 1 && seen.right == 1;
  return (Reply){is_right ? REPLY_RIGHT : REPLY_WRONG, seen.id};
}
