import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { Logger } from '@nestjs/common';

import type { Clock } from '../../src/core/clock.js';
import { UnsentError, type GatewayError } from '../../src/core/errors.js';
import { Events } from '../../src/core/events.js';
import type { Incoming } from '../../src/protocol/index.js';
import { notificationFrame, requestFrame } from '../../src/protocol/index.js';
import { systemClock } from '../../src/system-clock.js';
import type { ServerSettings } from '../../src/upstream/server-settings.js';
import { SseTransport } from '../../src/upstream/transports/sse.transport.js';
import { StdioTransport } from '../../src/upstream/transports/stdio.transport.js';
import { StreamableHttpTransport } from '../../src/upstream/transports/streamable-http.transport.js';
import { UnixTransport } from '../../src/upstream/transports/unix.transport.js';
import { WebSocketTransport } from '../../src/upstream/transports/websocket.transport.js';
import type { Wire, WireListener } from '../../src/upstream/wire.js';
import { settingsWith } from '../support/server-settings.ts';
import { until } from '../support/until.ts';
import { Recorder } from './upstream/recorder.ts';
import { scriptedWebSocket } from './upstream/scripted-servers.ts';
import { brisk } from '../support/brisk.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const SCRIPT = join(import.meta.dirname, 'upstream/flooding-server.ts');
const MB = 1_024 * 1_024;
/** A flood lasts so long, and until so many messages have come where what it says are messages. */
const FLOOD_MS = 300;
const MANY = 1_000;
/** What is left of it once all that is not needed was collected: longest message and one read of each stream. */
const MEMORY_BYTES = 32 * MB;

const TRANSPORTS = {
  stdio: StdioTransport,
  ws: WebSocketTransport,
  http: StreamableHttpTransport,
  sse: SseTransport,
  unix: UnixTransport,
};
type Kind = keyof typeof TRANSPORTS;

const FLOODS: readonly (readonly [Kind, string])[] = [
  ['stdio', 'notifications'],
  ['stdio', 'junk'],
  ['stdio', 'stderr'],
  ['stdio', 'drip'],
  ['ws', 'notifications'],
  ['ws', 'junk'],
  ['unix', 'notifications'],
  ['unix', 'junk'],
  ['http', 'notifications'],
  ['http', 'junk'],
  ['http', 'comments'],
  ['http', 'ids'],
  ['http', 'drip'],
  ['sse', 'notifications'],
  ['sse', 'junk'],
  ['sse', 'comments'],
  ['sse', 'drip'],
];

/** Counts what comes and keeps nothing. */
class Tally implements WireListener {
  messages = 0;
  replies = 0;
  over: GatewayError | undefined;

  message(incoming: Incoming): void {
    this.messages++;
    if (incoming.kind === 'reply') this.replies++;
  }

  failed(): void {
    this.replies++;
  }

  ending(): void {
    // Heard of at its end.
  }

  closed(error: GatewayError): void {
    this.over = error;
  }
}

interface Flooding {
  readonly settings: Partial<ServerSettings>;
  stop(): Promise<void>;
}

async function start(kind: Kind, what: string): Promise<Flooding> {
  if (kind === 'stdio') {
    return { settings: { command: process.execPath, args: [SCRIPT, kind, what] }, stop: () => Promise.resolve() };
  }
  const folder = await mkdtemp(join(tmpdir(), 'flood-'));
  const path = join(folder, 'server.sock');
  const child = spawn(process.execPath, [SCRIPT, kind, what, path], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  const address = `127.0.0.1:${said.toString().trim()}/`;
  const url = kind === 'unix' ? `unix://${path}` : `${kind === 'ws' ? 'ws' : 'http'}://${address}`;
  return {
    settings: { url, transport: kind === 'sse' ? 'sse' : 'auto' },
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      await rm(folder, { recursive: true });
    },
  };
}

/** By what they are shortened, time-outs that are set from now on. */
let haste = 1;
const clock: Clock = { ...systemClock, after: (ms, callback) => systemClock.after(ms / haste, callback) };

function memory(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe.each(FLOODS)('a server over %s that never stops with its %s', (kind, what) => {
  let flooding: Flooding;
  let tally: Tally;
  let wire: Wire;
  let other: Awaited<ReturnType<typeof scriptedWebSocket>>;
  let calm: Wire;
  let recorder: Recorder;

  beforeEach(async () => {
    Logger.overrideLogger(false);
    haste = 1;
    flooding = await start(kind, what);
    tally = new Tally();
    const settings = settingsWith({ ...flooding.settings, maxMessageBytes: MB });
    wire = await new TRANSPORTS[kind]().open({ settings, clock, events: new Events(), era: 'legacy' }, tally);
    other = await scriptedWebSocket();
    recorder = new Recorder();
    const context = {
      settings: settingsWith(other.settings),
      clock,
      events: new Events(),
      era: 'legacy' as const,
    };
    calm = await new WebSocketTransport().open(context, recorder);
  });

  afterEach(async () => {
    await wire?.close();
    await calm?.close();
    await flooding?.stop();
    await other?.stop();
  });

  it('keeps nobody from another server, and takes no more memory than its bound, and can be closed', async () => {
    wire.send(requestFrame(1, 'initialize'), 1);
    await until(() => tally.replies > 0, 'the introduction');
    wire.send(notificationFrame('notifications/initialized'));
    await wire.introduced();
    wire.send(requestFrame(2, 'tools/call'), 2);
    const before = memory();
    // Everything else comes as no message.
    const many = what === 'notifications' || what === 'junk' ? MANY : 0;
    let slowest = 0;
    const end = performance.now() + FLOOD_MS;
    for (let id = 1; performance.now() < end || tally.messages < many; id++) {
      const asked = performance.now();
      calm.send(requestFrame(id, 'test/echo', Buffer.from('{"value":"here"}')), id);
      await until(() => recorder.find(id), 'an answer of the other server');
      slowest = Math.max(slowest, performance.now() - asked);
      recorder.messages.length = 0;
    }

    expect(slowest).toBeLessThan(brisk(1_000));
    expect(memory() - before).toBeLessThan(MEMORY_BYTES);
    expect(tally.over).toBeUndefined();

    // How long it is asked politely says another suite.
    haste = 10;
    wire.pause();
    await wire.close();
    expect(() => wire.send(requestFrame(3, 'ping'), 3)).toThrow(UnsentError);
  });
});
