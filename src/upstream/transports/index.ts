import { SseTransport } from './sse.transport.js';
import { StdioTransport } from './stdio.transport.js';
import { StreamableHttpTransport } from './streamable-http.transport.js';
import { UnixTransport } from './unix.transport.js';
import { WebSocketTransport } from './websocket.transport.js';

/** Every transport that ships, in the order in which the documentation names them; the first of a scheme is its default. */
export const TRANSPORTS = [
  StdioTransport,
  WebSocketTransport,
  StreamableHttpTransport,
  SseTransport,
  UnixTransport,
] as const;
