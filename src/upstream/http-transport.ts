/** How an HTTP server may be spoken to: as told, or as it turns out. */
export const HTTP_TRANSPORTS = ['auto', 'streamable_http', 'sse'] as const;
export type HttpTransport = (typeof HTTP_TRANSPORTS)[number];
