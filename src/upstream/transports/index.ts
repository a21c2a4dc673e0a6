import { StdioTransport } from './stdio.transport.js';
import { StreamableHttpTransport } from './streamable-http.transport.js';
import { WebSocketTransport } from './websocket.transport.js';

/** Every transport that ships, in the order in which the documentation names them. */
export const TRANSPORTS = [StdioTransport, WebSocketTransport, StreamableHttpTransport] as const;
