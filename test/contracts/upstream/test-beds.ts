import { join } from 'node:path';

import type { TRANSPORTS } from '../../../src/upstream/index.js';
import type { ServerSettings } from '../../../src/upstream/server-settings.js';
import { SseTransport } from '../../../src/upstream/transports/sse.transport.js';
import { StdioTransport } from '../../../src/upstream/transports/stdio.transport.js';
import { StreamableHttpTransport } from '../../../src/upstream/transports/streamable-http.transport.js';
import { UnixTransport } from '../../../src/upstream/transports/unix.transport.js';
import { WebSocketTransport } from '../../../src/upstream/transports/websocket.transport.js';
import { scriptedChild, scriptedHttp, scriptedWebSocket, type ScriptedServer } from './scripted-servers.ts';
import { scriptedSse } from './scripted-sse.ts';
import { scriptedUnix } from './scripted-unix.ts';

/** How a transport is put to the test. */
export interface TestBed {
  readonly name: string;
  readonly Transport: (typeof TRANSPORTS)[number];
  start(): Promise<ScriptedServer>;
  /** Settings under which nothing can be reached. */
  readonly nobody: Partial<ServerSettings>;
  /** Whether a message that is too long ends only the request it answers. */
  readonly separate: boolean;
}

const NO_HTTP = { url: 'http://127.0.0.1:1/' };

/** At least one for every transport that ships. */
export const TEST_BEDS: readonly TestBed[] = [
  {
    name: 'stdio',
    Transport: StdioTransport,
    start: scriptedChild,
    nobody: { command: join(import.meta.dirname, 'there-is-no-such-program') },
    separate: false,
  },
  {
    name: 'websocket',
    Transport: WebSocketTransport,
    start: () => scriptedWebSocket(),
    nobody: { url: 'ws://127.0.0.1:1/' },
    separate: false,
  },
  {
    name: 'streamable_http',
    Transport: StreamableHttpTransport,
    start: () => told(scriptedHttp(), 'streamable_http'),
    nobody: { ...NO_HTTP, transport: 'streamable_http' },
    separate: true,
  },
  {
    name: 'streamable_http, found out',
    Transport: StreamableHttpTransport,
    start: () => scriptedHttp(),
    nobody: NO_HTTP,
    separate: true,
  },
  {
    name: 'sse',
    Transport: SseTransport,
    start: () => told(scriptedSse(), 'sse'),
    nobody: { ...NO_HTTP, transport: 'sse' },
    separate: false,
  },
  {
    name: 'sse, found out',
    Transport: StreamableHttpTransport,
    start: () => scriptedSse(),
    nobody: NO_HTTP,
    separate: false,
  },
  {
    name: 'unix',
    Transport: UnixTransport,
    start: scriptedUnix,
    nobody: { url: 'unix:///there/is/no/such.sock' },
    separate: false,
  },
];

async function told(server: Promise<ScriptedServer>, transport: ServerSettings['transport']): Promise<ScriptedServer> {
  const { settings, ...rest } = await server;
  return { ...rest, settings: { ...settings, transport } };
}
