import type { AddressInfo } from 'node:net';

import type { INestApplication } from '@nestjs/common';
import type { Logger } from 'pino';

import { AdminListener, AdminSection } from './admin/index.js';
import { ConfigService } from './config/index.js';
import { LISTENER_TLS, type ListenerTls } from './core/listener-tls.js';
import { PRODUCT, type Product } from './core/product.js';
import { type GroupView, type ServerView, TOPOLOGY_VIEW, type TopologyView } from './core/views.js';
import { UnixListener } from './downstream/index.js';
import { ROOT_LOGGER } from './logging/index.js';
import { MetricsServer } from './metrics/index.js';

/** How long a terminal waits for the servers before it is told how they are. Milliseconds. */
const PATIENCE_MS = 3_000;

/** Where a running gateway is found. */
interface Addresses {
  readonly mcp_http: string;
  readonly mcp_websocket: string;
  readonly mcp_sse: string;
  readonly mcp_unix: string | undefined;
  readonly admin: string | undefined;
  readonly metrics: string | undefined;
}

/** Says where the gateway is: a few readable lines on a terminal, one structured line elsewhere. */
export async function announce(app: INestApplication): Promise<void> {
  const addresses = addressesOf(app);
  if (!process.stdout.isTTY) {
    app.get<Logger>(ROOT_LOGGER).info(addresses, 'listening');
    return;
  }
  const topology = app.get<TopologyView>(TOPOLOGY_VIEW);
  await settled(topology);
  process.stdout.write(`${summary(app.get<Product>(PRODUCT), addresses, topology.groups())}\n`);
}

export function summary(
  { name, version }: Pick<Product, 'name' | 'version'>,
  { mcp_http, mcp_websocket, mcp_sse, mcp_unix, admin, metrics }: Addresses,
  groups: readonly GroupView[],
): string {
  const width = Math.max(7, ...groups.map((group) => group.name.length));
  const row = (label: string, ...cells: string[]): string => `  ${label.padEnd(width)}  ${cells.join('   ')}`;
  return [
    '',
    `${name} ${version} is ready`,
    row('MCP', mcp_http, mcp_websocket),
    row('', mcp_sse, ...(mcp_unix === undefined ? [] : [mcp_unix])),
    ...(admin === undefined ? [] : [row('admin', admin)]),
    ...(metrics === undefined ? [] : [row('metrics', metrics)]),
    ...groups.map((group) => row(group.name, group.strategy, ...group.servers.map(serverCell))),
    '',
  ].join('\n');
}

function serverCell({ id, state, transport }: ServerView): string {
  const reason = state.kind === 'down' ? `: ${state.reason}` : '';
  return `${id} ${state.kind}${reason} (${transport})`;
}

function addressesOf(app: INestApplication): Addresses {
  const { address, family, port } = (app.getHttpServer() as { address(): AddressInfo }).address();
  const host = `${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  const s = app.get<ListenerTls | undefined>(LISTENER_TLS) ? 's' : '';
  return {
    mcp_http: `http${s}://${host}/mcp`,
    mcp_websocket: `ws${s}://${host}/mcp`,
    mcp_sse: `http${s}://${host}/sse`,
    mcp_unix: app.get(UnixListener).url,
    admin: adminUrl(app),
    metrics: app.get(MetricsServer).url,
  };
}

function adminUrl(app: INestApplication): string | undefined {
  const listener = app.get(AdminListener);
  const isThere = app.get(ConfigService).get(AdminSection).enabled && listener.isServed;
  return isThere ? listener.url : undefined;
}

/** Resolves when no server is on its first way up any more, or patience is over. */
export async function settled(topology: TopologyView): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  const isPending = (): boolean =>
    topology.groups().some((group) => group.servers.some(({ state }) => state.kind === 'connecting'));
  while (isPending() && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
