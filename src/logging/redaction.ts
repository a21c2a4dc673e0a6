const SECRET_HEADERS = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'x-api-key', 'mcp-session-id'];

/**
 * Where a secret could stand in a log line. Headers are not logged to begin with: this is for the line
 * that is added in a hurry. Each place is spelled out, because a wildcard is searched for in every line.
 */
export const REDACTED_PATHS: string[] = ['headers', 'req.headers', 'res.headers', 'err.headers'].flatMap((place) =>
  SECRET_HEADERS.map((header) => `${place}["${header}"]`),
);
