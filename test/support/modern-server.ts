import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createServer as createSocketServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { WebSocketServer } from 'ws';

import { serveDuplex } from '../fixtures/modern-server/duplex.ts';
import { ModernServer, type ModernServerOptions } from '../fixtures/modern-server/modern-server.ts';
import { SocketTransport } from './socket-transport.ts';

/** How the modern server is reached. */
export const MODERN_HOSTS = ['stdio', 'websocket', 'streamable_http', 'unix'] as const;
export type ModernHostKind = (typeof MODERN_HOSTS)[number];

export interface ModernHostOptions extends ModernServerOptions {
  /** Whether it speaks the legacy revisions as well. */
  readonly dual?: boolean;
  /** Where it listens, over HTTP. */
  readonly port?: number;
}

/** The modern server, up and reachable by one transport. */
export interface ModernHost extends AsyncDisposable {
  /** Keys of its `[[upstream.groups.NAME.servers]]`. */
  readonly toml: string;
  /** Empty over stdio. */
  readonly url: string;
  /** Over stdio there is one in each process, and this one serves nobody. */
  readonly server: ModernServer;
  /** Headers of every request over HTTP, in the order in which they came. */
  readonly headers: readonly IncomingHttpHeaders[];
}

/** Starts the modern server. */
export function modernHost(kind: ModernHostKind, options: ModernHostOptions = {}): Promise<ModernHost> {
  return HOSTS[kind](new ModernServer(options), options);
}

type Start = (server: ModernServer, options: ModernHostOptions) => Promise<ModernHost>;

const HOSTS: Record<ModernHostKind, Start> = {
  async stdio(server, { dual }) {
    const script = fileURLToPath(new URL('../fixtures/modern-server/stdio.ts', import.meta.url));
    const args = dual ? [script, '--dual'] : [script];
    return {
      toml: `command = "node"\nargs = ${JSON.stringify(args)}`,
      url: '',
      server,
      headers: [],
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  },

  async streamable_http(server, { dual, port = 0 }) {
    const handler = createMcpHandler(() => server.build(), { legacy: dual ? 'stateless' : 'reject' });
    server.notifier = handler.notify;
    const answer = toNodeHandler(handler);
    const headers: IncomingHttpHeaders[] = [];
    const http = createServer((request, response) => {
      headers.push(request.headers);
      void answer(request as Parameters<typeof answer>[0], response);
    });
    http.listen(port, '127.0.0.1');
    await once(http, 'listening');
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`;
    return {
      toml: `url = "${url}"`,
      url,
      server,
      headers,
      async [Symbol.asyncDispose]() {
        await handler.close();
        http.closeAllConnections();
        await new Promise((done) => http.close(done));
      },
    };
  },

  async websocket(server, { dual }) {
    const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'mcp' });
    sockets.on('connection', (socket) => serveDuplex(server, new SocketTransport(socket), dual));
    await once(sockets, 'listening');
    const url = `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}/mcp`;
    return {
      toml: `url = "${url}"`,
      url,
      server,
      headers: [],
      async [Symbol.asyncDispose]() {
        for (const client of sockets.clients) client.terminate();
        await new Promise((done) => sockets.close(done));
      },
    };
  },

  async unix(server, { dual }) {
    const directory = await mkdtemp(join(tmpdir(), 'modern-server-'));
    const url = `unix://${join(directory, 'mcp.sock')}`;
    const open = new Set<() => void>();
    const listener = createSocketServer((socket) => {
      const close = (): void => void socket.destroy();
      open.add(close);
      socket.on('error', () => undefined).once('close', () => open.delete(close));
      serveDuplex(server, new StdioServerTransport(socket, socket), dual);
    });
    listener.listen(join(directory, 'mcp.sock'));
    await once(listener, 'listening');
    return {
      toml: `url = "${url}"`,
      url,
      server,
      headers: [],
      async [Symbol.asyncDispose]() {
        for (const close of open) close();
        await new Promise((done) => listener.close(done));
        await rm(directory, { recursive: true, force: true });
      },
    };
  },
};
