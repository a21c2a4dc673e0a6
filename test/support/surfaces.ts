import { Global, Module, type DynamicModule, type Provider } from '@nestjs/common';

import { ConfigModule, openConfig, TextSource } from '../../src/config/index.js';
import { CLOCK } from '../../src/core/clock.js';
import { Events, type Outcome } from '../../src/core/events.js';
import { Flow } from '../../src/core/flow.js';
import type { Exchange } from '../../src/core/exchange.js';
import { ANONYMOUS } from '../../src/core/principal.js';
import {
  CONNECTION_REGISTRY,
  LIFECYCLE,
  TOPOLOGY_VIEW,
  type ConnectionRegistry,
  type ConnectionView,
  type GroupView,
  type Lifecycle,
  type ServerView,
  type TopologyView,
} from '../../src/core/views.js';
import type { ShapeClass } from '../../src/extension/index.js';
import { ManualClock } from './manual-clock.js';
import { stayOf } from './exchanges.ts';

/** What a surface can see of an engine, for tests to set. */
export class FakeEngine {
  readonly events = new Events();
  readonly clock = new ManualClock();
  readonly lifecycle: { -readonly [Key in keyof Lifecycle]: Lifecycle[Key] } = { draining: false, startedAt: 0 };
  readonly connections: ConnectionView[] = [];
  groups: GroupView[] = [];
  readonly topology = { generation: 1, groups: () => this.groups } satisfies TopologyView;

  /** A global module that binds every contract of the engine. */
  module(...more: Provider[]): DynamicModule {
    const registry: ConnectionRegistry = {
      list: () => this.connections,
      close: (id) => this.close(id),
    };
    const providers: Provider[] = [
      { provide: Events, useValue: this.events },
      { provide: CLOCK, useValue: this.clock },
      { provide: LIFECYCLE, useValue: this.lifecycle },
      { provide: TOPOLOGY_VIEW, useValue: this.topology },
      { provide: CONNECTION_REGISTRY, useValue: registry },
      ...more,
    ];
    const tokens = providers.map((provider) => (provider as { provide: symbol }).provide);
    return { module: FakeEngineModule, providers, exports: tokens };
  }

  private close(id: string): boolean {
    const at = this.connections.findIndex((connection) => connection.id === id);
    if (at >= 0) this.connections.splice(at, 1);
    return at >= 0;
  }
}

@Global()
@Module({})
class FakeEngineModule {}

/** The configuration module with these sections, as a TOML text says them. */
export async function configured(toml: string, ...sections: ShapeClass[]): Promise<DynamicModule> {
  return ConfigModule.forRoot(await openConfig({ source: new TextSource(toml), sections, environment: {} }));
}

export function serverView(id: string, more: Partial<ServerView> = {}): ServerView {
  return {
    id,
    group: 'default',
    transport: 'stdio',
    address: 'node',
    weight: 1,
    state: { kind: 'up', since: 0 },
    breaker: { kind: 'closed' },
    peer: undefined,
    pending: 0,
    sessions: 0,
    requests: 0,
    failures: 0,
    reconnects: 0,
    ...more,
  };
}

/** A group of these servers, each of which belongs to it. */
export function groupView(name: string, ...servers: ServerView[]): GroupView {
  const own = servers.map((server) => ({ ...server, group: name }));
  return { name, strategy: 'round_robin', prefix: `${name}__`, path: `/mcp/${name}`, servers: own };
}

export function finished(
  exchange: Partial<Exchange> = {},
  outcome: Partial<Outcome> = {},
): { exchange: Exchange; outcome: Outcome } {
  return {
    exchange: {
      id: 'x-1',
      method: 'tools/call',
      peer: { era: 'legacy', revision: '2025-11-25', capabilities: {}, info: { name: 'test', version: '1' } },
      principal: ANONYMOUS,
      stay: stayOf('secret-session-id'),
      flow: new Flow(),
      clientAddress: '127.0.0.1',
      route: 'mcp',
      startedAt: 0,
      deadline: 60_000,
      signal: new AbortController().signal,
      wantsProgress: false,
      logLevel: undefined,
      declares: {},
      mirrored: undefined,
      header: () => undefined,
      target: undefined,
      server: undefined,
      deliver: () => undefined,
      ...exchange,
    },
    outcome: { status: 200, reason: undefined, latencyMs: 12.3456, ...outcome },
  };
}
