/** Whether a Content-Type says JSON, whatever its parameters. */
export function isJson(contentType: unknown): boolean {
  return essence(contentType) === 'application/json';
}

/** Whether a Content-Type says event stream, whatever its parameters. */
export function isEventStream(contentType: unknown): boolean {
  return essence(contentType) === 'text/event-stream';
}

function essence(contentType: unknown): string | undefined {
  return typeof contentType === 'string' ? contentType.split(';', 1)[0]?.trim().toLowerCase() : undefined;
}
