import { randomBytes } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { ParkingLot, RequestStates, type Parked } from '../../src/bridge/index.js';
import { TimeoutSection, type ConfigService } from '../../src/config/index.js';
import { CancelledError, GatewayError } from '../../src/core/errors.js';
import type { Relay } from '../../src/core/filter.js';
import { McpRequest, type McpReply } from '../../src/core/message.js';
import { Sealer } from '../../src/core/sealed.js';
import { readParams } from '../../src/protocol/index.js';
import { Holders } from '../../src/routing/holder/holders.js';
import { TaskRelay } from '../../src/routing/tasks/task-relay.js';
import { systemClock } from '../../src/system-clock.js';
import type { Group } from '../../src/upstream/index.js';
import { askedIn, ModernRequest, type Asked } from '../support/modern-client.ts';
import { until } from '../support/until.ts';
import { UpstreamBench } from '../support/upstream-bench.ts';
import { AskingServer, type AskingArguments } from './support/asking-server.ts';
import { LeapingClock } from './support/leaping-clock.ts';

const CALLS = 1_000;
/** Of those that come back again and again. */
const BUSY = 1_000;
/** How long a client may take to come back. Milliseconds. */
const INPUT_MS = 60_000;
const CAPABLE = { elicitation: {} };
const YES = { action: 'accept', content: {} };
const ROOM = { maxInFlight: 10_000, maxConnectionsPerHost: 4_096 };

const relay: Relay = (message, exchange) => exchange.deliver(message);

/** Always the same numbers. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

let server: AskingServer;
let clock: LeapingClock;
let bench: UpstreamBench;
let group: Group;
let lot: ParkingLot;
let holders: Holders;
let states: RequestStates;
let parkedEvents: number;
let released: Record<string, number>;

async function setUp(room: Partial<typeof ROOM> = ROOM): Promise<void> {
  server = await new AskingServer().start();
  bench = await UpstreamBench.create();
  group = await bench.start([{ id: 'a', url: server.url }], settings(room));
  await bench.up(group, 1);
  const sealer = new Sealer(randomBytes(32));
  clock = new LeapingClock();
  states = new RequestStates(sealer, clock);
  const section = Object.assign(new TimeoutSection(), { input: INPUT_MS });
  const config = { get: () => section, changes: { subscribe: () => undefined } };
  lot = new ParkingLot(clock, states, bench.events, config as unknown as ConfigService);
  holders = new Holders(new TaskRelay(sealer), systemClock);
  parkedEvents = 0;
  released = {};
  bench.events.on('call.parked', () => parkedEvents++);
  bench.events.on('call.released', ({ why }) => (released[why] = (released[why] ?? 0) + 1));
}

function settings({ maxInFlight = 1_024, maxConnectionsPerHost = 128 }: Partial<typeof ROOM>): object {
  return { maxInFlight, connectionPool: { maxConnectionsPerHost, maxStreamsPerHost: 1_024 } };
}

afterEach(async () => {
  lot.close();
  await bench.close();
  await server.stop();
});

/** One request of a client, and the one outcome that it had. */
interface Sent {
  readonly request: ModernRequest;
  readonly outcome: Promise<McpReply | GatewayError>;
}

function post(
  args: AskingArguments,
  more: object,
  run: (request: McpRequest, from: ModernRequest) => Promise<McpReply>,
) {
  const params = { name: 'ask', arguments: args, ...more };
  const from = new ModernRequest({
    capabilities: CAPABLE,
    changed: { deadline: systemClock.now() + 120_000, target: { group: 'crm', name: 'ask' } },
  });
  const outcome = run(new McpRequest('tools/call', readParams(Buffer.from(JSON.stringify(params)))), from).catch(
    (thrown: GatewayError) => thrown,
  );
  void outcome.then(() => from.stay.end());
  return { request: from, outcome } satisfies Sent;
}

function call(args: AskingArguments, through = group): Sent {
  return post(args, {}, (request, { exchange }) =>
    lot.call(request, exchange, relay, (sent, parked, towards) =>
      through.send(sent, parked, towards, holders.lend(parked, through)),
    ),
  );
}

function retry(args: AskingArguments, { requestState }: Asked, inputResponses: object): Sent {
  return post(args, { requestState, inputResponses }, async (request, { exchange }) =>
    lot.resume(states.open(request, exchange) as Parked, request, exchange, relay),
  );
}

async function parkAll(count: number, of: (n: number) => Partial<AskingArguments> = () => ({})) {
  const all = Array.from({ length: count }, (_, n) => {
    const args: AskingArguments = { key: `k${n}`, questions: 1, rounds: 1, ...of(n) };
    return { args, sent: call(args) };
  });
  return Promise.all(all.map(async ({ args, sent }) => ({ args, asked: askedIn(await answered(sent)) })));
}

async function answered({ outcome }: Sent): Promise<McpReply> {
  const reply = await outcome;
  if (reply instanceof Error) throw reply;
  return reply;
}

const textOf = (reply: McpReply | GatewayError): string =>
  reply instanceof Error
    ? reply.code
    : (((reply.json.object()['content'] ?? [{}]) as { text: string }[])[0]?.text ?? 'input_required');

function answersTo({ inputRequests }: Asked): Record<string, object> {
  return Object.fromEntries(Object.keys(inputRequests).map((key) => [key, YES]));
}

/** Answers until there is nothing left to be asked: in any order, doubly, partly, as the numbers say. */
async function finish(args: AskingArguments, first: Asked, random: () => number): Promise<string> {
  for (let asked = first; ;) {
    const all = answersTo(asked);
    const keys = Object.keys(all).filter(() => random() < 0.7);
    const given = random() < 0.7 ? all : Object.fromEntries(keys.map((key) => [key, YES]));
    const tries = Array.from({ length: 1 + Math.floor(random() * 1.5) }, () => retry(args, asked, given));
    if (random() < 0.3) await turn();
    const replies = await Promise.all(tries.map(({ outcome }) => outcome));
    // Whoever repeats an answer is told the same.
    expect(new Set(replies.map((reply) => (reply instanceof Error ? reply.code : reply.json))).size).toBe(1);
    const [reply] = replies;
    if (!reply || reply instanceof Error || reply.kind === 'error' || reply.type !== 'input_required')
      return textOf(reply!);
    asked = askedIn(reply);
  }
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapMb(): number {
  collect();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

describe('calls that are parked at once by the thousand', () => {
  it('end each with its own answer, over one session, however their clients come back', async () => {
    await setUp();
    const random = seeded(1);
    const parked = await parkAll(BUSY, (n) => ({ questions: 1 + (n % 3), rounds: 1 + (n % 2) }));
    expect([lot.size, server.size, holders.pooled]).toEqual([BUSY, BUSY, 1]);

    const ends = await Promise.all(parked.map(({ args, asked }) => finish(args, asked, random)));
    expect(ends).toEqual(parked.map(({ args }) => args.key));
    expect([...server.begun.values()].every((count) => count === 1)).toBe(true);
    expect([server.done.size, server.size, server.strays, lot.size]).toEqual([BUSY, 0, 0, 0]);
    expect(released).toEqual({ answered: parkedEvents });
  });

  it('leave nothing, turn after turn', async () => {
    await setUp();
    const sizes: number[] = [];
    for (let round = 0; round < 4; round++) {
      const parked = await parkAll(BUSY, (n) => ({ key: `${round}/${n}` }));
      await Promise.all(parked.map(({ args, asked }) => retry(args, asked, answersTo(asked)).outcome));
      expect(lot.size).toBe(0);
      sizes.push(heapMb());
    }
    // Outcomes are kept for a minute, and are small: under 6 KB each.
    expect(sizes.at(-1)! - sizes[1]!).toBeLessThan((2 * BUSY * 6) / 1_024);
  });

  it('are refused and cancelled when nobody comes back, and whoever comes too late is told so', async () => {
    await setUp();
    const parked = await parkAll(CALLS);
    const inTime = parked.filter((_, n) => n % 4 === 0);
    const kept = await Promise.all(inTime.map(({ args, asked }) => retry(args, asked, answersTo(asked)).outcome));
    expect(kept.map(textOf)).toEqual(inTime.map(({ args }) => args.key));
    clock.leap(INPUT_MS);
    await until(() => lot.size === 0, 'all calls to expire');
    await until(() => server.size === 0, 'the server to hear of it', 30_000);

    const late = parked.filter((_, n) => n % 4 !== 0);
    const told = await Promise.all(late.map(({ args, asked }) => retry(args, asked, answersTo(asked)).outcome));
    expect(new Set(told.map(textOf))).toEqual(new Set(['state_expired']));
    // An answer in the client's place was on its way, and perhaps the reply to it.
    expect(server.cancelled.size + server.done.size).toBe(CALLS);
    expect(released).toEqual({ answered: inTime.length, expired: late.length });
  });

  it('end with their server, each with one failure', async () => {
    await setUp();
    const parked = await parkAll(CALLS, () => ({ rounds: 2 }));
    const attended = parked.slice(0, CALLS / 4).map(({ args, asked }) => retry(args, asked, answersTo(asked)));
    const again = await Promise.all(attended.map(({ outcome }) => outcome));
    expect(new Set(again.map(textOf))).toEqual(new Set(['input_required']));
    server.die();
    await until(() => lot.size === 0, 'all calls to end');
    const ends = parked.map(({ args, asked }, n) => {
      const last = again[n];
      return retry(args, last ? askedIn(last as McpReply) : asked, answersTo(asked)).outcome;
    });
    expect(new Set((await Promise.all(ends)).map(textOf))).toEqual(new Set(['upstream_unavailable']));
    expect([...server.begun.values()].every((count) => count === 1)).toBe(true);
  });

  it('survive a reload that takes their server away, which goes when they are over', async () => {
    await setUp();
    const parked = await parkAll(CALLS);
    const retired = bench.manager.retire([group], 60_000);
    const ends = await Promise.all(parked.map(({ args, asked }) => retry(args, asked, answersTo(asked)).outcome));
    expect(ends.map(textOf)).toEqual(parked.map(({ args }) => args.key));
    await retired;
    expect(bench.names('server.retired')).toHaveLength(1);
  });

  it('hold up neither their own answers nor anybody else', async () => {
    await setUp({ maxConnectionsPerHost: 2 });
    const parked = await parkAll(64);
    expect(textOf(await answered(call({ key: 'another', questions: 0, rounds: 0 })))).toBe('another');
    const params = { name: 'ask', arguments: { key: 'plain', questions: 0, rounds: 0 } };
    const plain = new McpRequest('tools/call', readParams(Buffer.from(JSON.stringify(params))));
    const { reply } = await group.ask(plain, { deadline: systemClock.now() + 10_000 });
    expect(textOf(reply)).toBe('plain');
    const ends = await Promise.all(parked.map(({ args, asked }) => retry(args, asked, answersTo(asked)).outcome));
    expect(ends.map(textOf)).toEqual(parked.map(({ args }) => args.key));
  });

  it('are given up by their clients, or stopped with the gateway, and leave nothing on the server', async () => {
    await setUp();
    const random = seeded(2);
    const parked = await parkAll(BUSY, () => ({ rounds: 2, questions: 2 }));
    const leaving = parked.filter(() => random() < 0.5);
    for (const { args, asked } of leaving) {
      const [first] = Object.keys(asked.inputRequests);
      const { request, outcome } = retry(args, asked, answersTo(asked));
      request.end(new CancelledError('client disconnected'));
      expect(textOf(await outcome), first).toBe('exchange_cancelled');
    }
    await until(() => server.cancelled.size === leaving.length, 'the cancellations');
    expect(lot.size).toBe(BUSY - leaving.length);
    const began = performance.now();
    lot.close();
    expect(performance.now() - began).toBeLessThan(1_000);
    expect([lot.size, lot.known]).toEqual([0, 0]);
    await until(() => server.size === 0, 'the server to hear of it', 30_000);
  });
});
