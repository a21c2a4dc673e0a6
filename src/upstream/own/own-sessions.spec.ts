import { TestHolder } from '../../../test/support/holders.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { OwnSessionsBench, settled } from '../../../test/support/own-sessions-bench.js';
import { TestCall } from '../../../test/support/test-call.js';
import type { TestWire } from '../../../test/support/test-wire.js';
import { CancelledError, GatewayError, UnsentError } from '../../core/errors.js';
import { result } from '../../core/message.js';
import { SessionLostError } from '../session-lost.js';

const ELICIT = { method: 'elicitation/create', params: { message: 'name?' } };

const methodsOf = ({ sent }: TestWire) => sent.map(({ method }) => method);

let clock: ManualClock;

beforeEach(() => {
  clock = new ManualClock();
});

describe('an own session', () => {
  it('is opened with the first request of its holder, once, with the capabilities of the holder', async () => {
    const bench = new OwnSessionsBench(clock);
    const holder = new TestHolder('a', { capabilities: { roots: {} } });
    const calls = [new TestCall(), new TestCall(), new TestCall()];
    for (const call of calls) bench.sessions.send(call, holder);
    await settled();

    expect(bench.wires).toHaveLength(1);
    const [wire] = bench.wires;
    expect(wire!.sent[0]).toMatchObject({ method: 'initialize', params: { capabilities: { roots: {} } } });
    expect(methodsOf(wire!).slice(2)).toEqual(['tools/call', 'tools/call', 'tools/call']);
    expect(bench.announced).toEqual(['opened']);
  });

  it('is another one for each holder', async () => {
    const bench = new OwnSessionsBench(clock);
    const [a, b] = [await bench.send(new TestHolder('a')), await bench.send(new TestHolder('b'))];
    bench.answer(bench.wires[1]);

    expect([a.ends, b.ends]).toEqual([0, 1]);
    expect(bench.sessions.size).toBe(2);
  });

  it('lets no more wait while it opens than may be in flight, and each no longer than it may', async () => {
    const bench = new OwnSessionsBench(clock, { maxInFlight: 2 });
    bench.polite = false;
    const holder = new TestHolder('a');
    const calls = [new TestCall(), new TestCall(), new TestCall()];
    calls[0]!.deadline = 1_000;
    for (const call of calls) await bench.send(holder, call);
    expect(calls[2]!.outcome).toMatchObject({ code: 'upstream_overloaded' });

    clock.advance(1_000);
    expect(calls[0]!.outcome).toBeInstanceOf(UnsentError);
    calls[1]!.abort.abort(new CancelledError());
    expect(calls[1]!.outcome).toMatchObject({ code: 'exchange_cancelled' });
    expect(calls.map(({ ends }) => ends)).toEqual([1, 1, 1]);
  });

  it('says to all who waited that nothing was sent when it cannot be opened, and is tried again', async () => {
    const bench = new OwnSessionsBench(clock);
    bench.polite = false;
    const holder = new TestHolder('a');
    const call = await bench.send(holder);
    clock.advance(10_000);
    await settled();

    expect(call.outcome).toBeInstanceOf(UnsentError);
    expect(call.outcome).toMatchObject({ code: 'upstream_timeout' });
    expect([bench.announced, bench.sessions.size, holder.watched]).toEqual([[], 0, 0]);
    bench.polite = true;
    await bench.send(holder);
    expect(bench.announced).toEqual(['opened']);
  });

  it('ends with its holder, and what is in flight on it', async () => {
    const bench = new OwnSessionsBench(clock);
    const holder = new TestHolder('a');
    const call = await bench.send(holder);
    holder.end();
    await settled();

    expect(call.outcome).toMatchObject({ code: 'upstream_unavailable' });
    expect(bench.wires[0]!.closed).toBe(true);
    expect(bench.announced).toEqual(['opened', 'holder_left']);
    expect((await bench.send(holder)).outcome).toBeInstanceOf(UnsentError);
    expect(bench.wires).toHaveLength(1);
  });

  it('ends with its holder even while it opens', async () => {
    const bench = new OwnSessionsBench(clock);
    bench.polite = false;
    const holder = new TestHolder('a');
    const call = await bench.send(holder);
    holder.end();
    await settled();

    expect(call.outcome).toBeInstanceOf(UnsentError);
    expect(bench.wires[0]!.closed).toBe(true);
    expect([bench.announced, bench.sessions.size]).toEqual([[], 0]);
  });

  it('tells the server the log level of its holder before anything else, and does not wait for the answer', async () => {
    const bench = new OwnSessionsBench(clock);
    const holder = new TestHolder('a');
    holder.logLevel = 'debug';
    const capabilities = { logging: {} };
    const introduction = { result: { protocolVersion: '2025-06-18', capabilities, serverInfo: {} } };
    bench.polite = false;
    const call = await bench.send(holder);
    bench.wires[0]!.say({ id: 1, ...introduction });
    await settled();

    expect(methodsOf(bench.wires[0]!)).toEqual([
      'initialize',
      'notifications/initialized',
      'logging/setLevel',
      'tools/call',
    ]);
    bench.answer();
    expect(call.ends).toBe(1);
  });

  it('is told what its holder says, where there is one', async () => {
    const bench = new OwnSessionsBench(clock);
    const holder = new TestHolder('a');
    bench.sessions.notify('notifications/roots/list_changed', undefined, holder);
    await bench.use(holder);
    bench.sessions.notify('notifications/roots/list_changed', undefined, holder);
    bench.sessions.notify('notifications/roots/list_changed', undefined, new TestHolder('b'));

    expect(methodsOf(bench.wires[0]!).slice(3)).toEqual(['notifications/roots/list_changed']);
  });

  it('tells its holder when a list changes', async () => {
    const bench = new OwnSessionsBench(clock);
    const holder = new TestHolder('a');
    await bench.send(holder);
    bench.wires[0]!.say({ method: 'notifications/tools/list_changed' });

    expect(holder.lists).toEqual(['tools']);
  });
});

describe('an idle own session', () => {
  const idle = { sessionIdleTimeout: 1_000 };

  it('is closed after the time it may be idle, from the last answer on', async () => {
    const bench = new OwnSessionsBench(clock, idle);
    const holder = new TestHolder('a');
    await bench.send(holder);
    clock.advance(5_000);
    bench.answer();
    clock.advance(999);
    expect(bench.sessions.size).toBe(1);

    clock.advance(1);
    await settled();
    expect(bench.announced).toEqual(['opened', 'idle']);
    expect(bench.wires[0]!.closed).toBe(true);
  });

  it('is not closed while the server waits for an answer', async () => {
    const bench = new OwnSessionsBench(clock, idle);
    const holder = new TestHolder('a');
    bench.polite = false;
    const call = await bench.send(holder);
    bench.wires[0]!.say({ id: 1, result: { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: {} } });
    await settled();
    bench.answer();
    expect(call.ends).toBe(1);
    bench.wires[0]!.say({ id: 'q', ...ELICIT });
    clock.advance(10_000);
    expect(bench.sessions.size).toBe(1);

    const [input] = holder.taken;
    if (input?.kind === 'request') input.answered(result({}));
    clock.advance(1_000);
    expect(bench.sessions.size).toBe(0);
  });

  it('is not closed while its holder needs it', async () => {
    const bench = new OwnSessionsBench(clock, idle);
    const holder = new TestHolder('a');
    holder.needsSession = true;
    await bench.use(holder);
    clock.advance(10_000);
    expect(bench.sessions.size).toBe(1);

    holder.needsSession = false;
    clock.advance(1_000);
    expect(bench.sessions.size).toBe(0);
  });

  it('is opened anew with the next request, and its holder hears that it is', async () => {
    const bench = new OwnSessionsBench(clock, idle);
    const holder = new TestHolder('a');
    await bench.use(holder);
    clock.advance(1_000);
    await bench.send(holder);

    expect(bench.wires).toHaveLength(2);
    expect([holder.renewals, holder.losses]).toEqual([['test-1'], []]);
  });

  it('makes room for another, the longest idle first', async () => {
    const bench = new OwnSessionsBench(clock, { maxSessions: 2 });
    const [a, b, c] = [new TestHolder('a'), new TestHolder('b'), new TestHolder('c')];
    await bench.use(a);
    clock.advance(1);
    await bench.use(b);
    clock.advance(1);
    await bench.send(a);
    bench.answer(bench.wires[0]);
    await bench.send(c);
    await settled();

    expect(bench.wires.map(({ closed }) => closed)).toEqual([false, true, false]);
    expect(bench.announced).toEqual(['opened', 'opened', 'evicted', 'opened']);
  });

  it('makes room last where the server remembers something for it', async () => {
    const bench = new OwnSessionsBench(clock, { maxSessions: 2 });
    const [subscriber, b, c] = [new TestHolder('a'), new TestHolder('b'), new TestHolder('c')];
    subscriber.needsSession = true;
    await bench.use(subscriber);
    clock.advance(1);
    await bench.use(b);
    await bench.send(c);
    await settled();

    expect(bench.wires.map(({ closed }) => closed)).toEqual([false, true, false]);
  });

  it('is the only kind that does: when all are busy, requests are refused', async () => {
    const bench = new OwnSessionsBench(clock, { maxSessions: 1 });
    const busy = await bench.send(new TestHolder('a'));
    const refused = await bench.send(new TestHolder('b'));

    expect(refused.outcome).toBeInstanceOf(UnsentError);
    expect(refused.outcome).toMatchObject({ code: 'upstream_overloaded' });
    expect(busy.ends).toBe(0);
  });
});

describe('an own session that is lost', () => {
  it('is opened once more for all who come, and its holder hears of both', async () => {
    const bench = new OwnSessionsBench(clock);
    const holder = new TestHolder('a');
    const first = await bench.send(holder);
    bench.wires[0]!.listener.ending(new SessionLostError());
    const calls = [await bench.send(holder), await bench.send(holder)];

    expect(bench.wires).toHaveLength(2);
    expect([holder.losses, holder.renewals]).toEqual([['test-1'], ['test-1']]);
    expect([first, ...calls].map(({ ends }) => ends)).toEqual([0, 0, 0]);
    // What was sent before may still be answered.
    bench.wires[0]!.say({ id: 2, result: {} });
    expect(first.ends).toBe(1);
    expect(bench.announced).toEqual(['opened', 'lost', 'opened']);
  });

  it('is left before a request that it refused is sent again', async () => {
    const bench = new OwnSessionsBench(clock);
    const holder = new TestHolder('a');
    const call = new TestCall();
    const again = new TestCall();
    call.failed = () => bench.sessions.send(again, holder);
    await bench.send(holder, call);
    bench.wires[0]!.listener.failed(2, new SessionLostError());
    await settled();

    expect(bench.wires).toHaveLength(2);
    bench.answer(bench.wires[1]);
    expect(again.ends).toBe(1);
  });

  it('fails what is in flight when its connection breaks', async () => {
    const bench = new OwnSessionsBench(clock);
    const holder = new TestHolder('a');
    const call = await bench.send(holder);
    bench.wires[0]!.listener.closed(new GatewayError('upstream_unavailable', 'gone'));
    await settled();

    expect(call.outcome).toMatchObject({ code: 'upstream_unavailable' });
    expect(call.outcome).not.toBeInstanceOf(UnsentError);
    expect(bench.announced).toEqual(['opened', 'lost']);
  });
});

describe('the own sessions of a server that goes', () => {
  it('are all closed, and none is opened any more', async () => {
    const bench = new OwnSessionsBench(clock);
    const holders = [new TestHolder('a'), new TestHolder('b')];
    for (const holder of holders) await bench.use(holder);
    await bench.sessions.close();

    expect(bench.wires.every(({ closed }) => closed)).toBe(true);
    expect(bench.announced).toEqual(['opened', 'opened', 'retired', 'retired']);
    expect((await bench.send(holders[0]!)).outcome).toBeInstanceOf(UnsentError);
    expect(holders.map(({ watched }) => watched)).toEqual([0, 0]);
    expect(clock.timers).toBe(0);
  });
});
