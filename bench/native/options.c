#include "options.h"

static void refuse(const char *what, const char *value) {
  fprintf(stderr, "%s: %s\n", what, value);
  exit(2);
}

/** `ws://127.0.0.1:8080/mcp`, http, wss, https, or `unix:///path`. */
static void read_url(Options *options, const char *url) {
  static const struct {
    const char *scheme;
    Transport transport;
    int is_tls;
  } schemes[] = {{"ws://", OVER_WEBSOCKET, 0}, {"wss://", OVER_WEBSOCKET, 1}, {"http://", OVER_HTTP, 0}, {"https://", OVER_HTTP, 1}};

  if (strncmp(url, "unix://", 7) == 0) {
    options->transport = OVER_LINES;
    if (snprintf(options->path, sizeof options->path, "%s", url + 7) >= (int)sizeof options->path) refuse("too long", url);
    return;
  }
  for (size_t at = 0; at < sizeof schemes / sizeof *schemes; at++) {
    size_t length = strlen(schemes[at].scheme);
    if (strncmp(url, schemes[at].scheme, length) != 0) continue;
    options->transport = schemes[at].transport;
    options->is_tls = schemes[at].is_tls;
    options->path[0] = '/';
    if (sscanf(url + length, "%127[^:/]:%d%99s", options->host, &options->port, options->path) >= 2) return;
  }
  refuse("no URL with a host and a port", url);
}

static Shape shape_of(const char *name) {
  static const char *const names[] = {"echo", "text", "nested", "list"};
  for (int at = 0; at < 4; at++)
    if (strcmp(name, names[at]) == 0) return (Shape)at;
  refuse("unknown shape", name);
  return SHAPE_ECHO;
}

static void read_option(Options *options, const char *name, const char *value) {
  if (strcmp(name, "--url") == 0) read_url(options, value);
  else if (strcmp(name, "--era") == 0) options->is_modern = strcmp(value, "modern") == 0;
  else if (strcmp(name, "--header") == 0) {
    bytes_text(&options->headers, value);
    bytes_text(&options->headers, "\r\n");
  } else if (strcmp(name, "--connections") == 0) options->connections = atol(value);
  else if (strcmp(name, "--active") == 0) options->active = atol(value);
  else if (strcmp(name, "--depth") == 0) options->depth = atol(value);
  else if (strcmp(name, "--rate") == 0) options->rate = atof(value);
  else if (strcmp(name, "--warm-up") == 0) options->warm_up_seconds = atof(value);
  else if (strcmp(name, "--seconds") == 0) options->seconds = atof(value);
  else if (strcmp(name, "--patience") == 0) options->patience_seconds = atof(value);
  else if (strcmp(name, "--hold") == 0) options->holds = atoi(value);
  else if (strcmp(name, "--shape") == 0) options->shape = shape_of(value);
  else if (strcmp(name, "--tool") == 0) options->tool = value;
  else if (strcmp(name, "--bytes") == 0) options->bytes = atol(value);
  else if (strcmp(name, "--tools") == 0) options->tools = atol(value);
  else refuse("unknown option", name);
}

Options options_of(int count, char **arguments) {
  static const char *const tools[] = {"echo", "echo_text", "echo_nested", ""};
  Options options = {.connections = 1, .depth = 1, .seconds = 5, .warm_up_seconds = 1, .patience_seconds = 5, .bytes = 100};

  for (int at = 1; at < count; at += 2) {
    if (at + 1 == count) refuse("no value for", arguments[at]);
    read_option(&options, arguments[at], arguments[at + 1]);
  }
  if (!options.path[0]) refuse("missing", "--url");
  if (options.connections < 1 || options.depth < 1) refuse("at least one is needed", "--connections, --depth");
  // HTTP/1.1 has one request in flight on each connection.
  if (options.transport == OVER_HTTP) options.depth = 1;
  if (options.active < 1 || options.active > options.connections) options.active = options.connections;
  if (!options.tool) options.tool = tools[options.shape];
  return options;
}
