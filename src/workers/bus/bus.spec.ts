import { BusError, PRIMARY_ID, topic, type WorkerRef } from '../../core/worker-bus.js';
import { Endpoint } from './endpoint.js';
import type { Frame } from './frame.js';
import { Hub } from './hub.js';
import { localBus, newSecret } from './local-bus.js';

const DOUBLE = topic<number, number>('number.double');
const NEWS = topic<string>('news.told');

/** A primary and its workers in one process; frames take the way of real ones, structured clone and all. */
function crew(size: number) {
  const hub = new Hub({ size, secret: newSecret() });
  const workers = Array.from({ length: size }, (_, n) => {
    const self: WorkerRef = { id: `w${n + 1}`, slot: n + 1 };
    const endpoint: Endpoint = new Endpoint({ self, size, secret: hub.bus.secret }, (frame) =>
      queueMicrotask(() => hub.receive(self, structuredClone(frame))),
    );
    const line = { send: (frame: Frame) => queueMicrotask(() => endpoint.take(structuredClone(frame))) };
    hub.join(self, line);
    return endpoint;
  });
  return { hub, workers };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the bus of workers', () => {
  it('asks one worker, oneself and the primary', async () => {
    const { hub, workers } = crew(2);
    const [one, two] = workers as [Endpoint, Endpoint];
    for (const bus of [one, two, hub.bus]) bus.on(DOUBLE, (n) => n * 2 + bus.self.slot);
    await settled();

    expect(await one.ask(DOUBLE, 10, two.self.id, 1_000)).toBe(22);
    expect(await one.ask(DOUBLE, 10, one.self.id, 1_000)).toBe(21);
    expect(await one.ask(DOUBLE, 10, PRIMARY_ID, 1_000)).toBe(20);
    expect(await hub.bus.ask(DOUBLE, 10, two.self.id, 1_000)).toBe(22);
  });

  it('tells all others, or one, in order and who says it', async () => {
    const { workers } = crew(3);
    const heard: string[] = [];
    for (const bus of workers) bus.on(NEWS, (text, from) => void heard.push(`${bus.self.slot}<${from.slot}:${text}`));
    await settled();

    workers[0]!.tell(NEWS, 'a');
    workers[0]!.tell(NEWS, 'b', 'w3');
    await settled();

    expect(heard).toEqual(['2<1:a', '3<1:a', '3<1:b']);
  });

  it('lets nobody speak in the name of another', async () => {
    const { hub, workers } = crew(2);
    const from = new Promise((resolve) => workers[1]!.on(NEWS, (_, sender) => resolve(sender.slot)));
    hub.receive(workers[0]!.self, { kind: 'tell', topic: NEWS.name, message: '', to: 'w2', from: workers[1]!.self });

    expect(await from).toBe(1);
  });

  it('asks everybody, and tells the answers from the failures', async () => {
    const { workers } = crew(3);
    await settled();
    workers[0]!.on(DOUBLE, (n) => n * 2);
    workers[1]!.on(DOUBLE, () => Promise.reject(new Error('not today')));

    const answers = await workers[0]!.askAll(DOUBLE, 4, 1_000);

    expect(answers.map(({ worker }) => worker.slot)).toEqual([1, 2, 3]);
    expect(answers[0]!.result).toEqual({ kind: 'answer', answer: 8 });
    expect(answers[1]!.result).toMatchObject({ error: { reason: 'failed', message: 'not today' } });
    expect(answers[2]!.result).toMatchObject({ error: { reason: 'failed' } });
  });

  it('fails what was asked of a worker that ends, at once, and says who left', async () => {
    const { hub, workers } = crew(2);
    const [one, two] = workers as [Endpoint, Endpoint];
    await settled();
    two.on(DOUBLE, () => new Promise(() => undefined));
    const left: number[] = [];
    one.onLeft(({ slot }) => left.push(slot));

    const asked = one.ask(DOUBLE, 1, 'w2', 60_000);
    await settled();
    hub.leave('w2');

    await expect(asked).rejects.toMatchObject({ reason: 'gone' });
    await expect(one.ask(DOUBLE, 1, 'w2', 60_000)).rejects.toBeInstanceOf(BusError);
    expect(left).toEqual([2]);
    expect(one.workers()).toEqual([one.self]);
  });

  it('does not wait for an answer longer than it was told to', async () => {
    const { workers } = crew(2);
    await settled();
    workers[1]!.on(DOUBLE, () => new Promise(() => undefined));

    await expect(workers[0]!.ask(DOUBLE, 1, 'w2', 5)).rejects.toMatchObject({ reason: 'late' });
  });

  it('has one handler a topic', () => {
    const bus = localBus();
    const stop = bus.on(NEWS, () => undefined);
    expect(() => bus.on(NEWS, () => undefined)).toThrow(TypeError);
    stop();
    bus.on(NEWS, () => undefined);
  });
});

describe('the bus of a process alone', () => {
  it('answers itself, tells nobody, and has no primary', async () => {
    const bus = localBus();
    bus.on(DOUBLE, (n) => n * 2);
    bus.tell(DOUBLE, 1);

    expect(bus.workers()).toEqual([bus.self]);
    expect(await bus.ask(DOUBLE, 2, bus.self.id, 1_000)).toBe(4);
    expect(await bus.askAll(DOUBLE, 3, 1_000)).toMatchObject([{ result: { answer: 6 } }]);
    await expect(bus.ask(DOUBLE, 2, PRIMARY_ID, 1_000)).rejects.toMatchObject({ reason: 'gone' });
    await expect(bus.ask(DOUBLE, 2, 'another', 1_000)).rejects.toMatchObject({ reason: 'gone' });
  });
});
