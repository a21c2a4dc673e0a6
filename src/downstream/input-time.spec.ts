import { answer, call, cancelled, DownstreamApp, type Json, type WsClient } from '../../test/support/downstream.js';
import { ManualClock } from '../../test/support/manual-clock.js';
import { ANSWERS_EVERYTHING, elicitation, roots, sampling } from '../../test/support/questions.js';
import { until } from '../../test/support/until.js';
import type { Exchange } from '../core/exchange.js';

const SECOND = 1_000;

let app: DownstreamApp;

function client(): Promise<WsClient> {
  return app.introduced('2025-11-25', '/mcp', ANSWERS_EVERYTHING);
}

/** A request that waits for ever; returns its exchange. */
async function waiting(from: WsClient, id: string | number = 1): Promise<Exchange> {
  const before = app.routes.seen.length;
  app.routes.handler = () => new Promise(() => undefined);
  from.send(call('slow', id));
  await until(() => app.routes.seen.length > before, 'the request');
  return app.routes.seen.at(-1)?.exchange as Exchange;
}

describe('the time that a client has to answer', () => {
  let clock: ManualClock;

  beforeEach(async () => {
    clock = new ManualClock();
    app = await DownstreamApp.start({ TimeoutSection: { request: 10 * SECOND, input: 60 * SECOND } }, clock);
  });

  afterEach(() => app.stop());

  it('does not count for the request that it is asked for, which has its full time again afterwards', async () => {
    const desk = await client();
    const exchange = await waiting(desk);
    const question = sampling();
    clock.advance(8 * SECOND);
    exchange.deliver(question.request);
    const { id } = await desk.next();
    clock.advance(50 * SECOND);
    expect(exchange.signal.aborted).toBe(false);
    desk.send(answer(id));
    await question.answer;
    expect(exchange.deadline).toBe(clock.now() + 10 * SECOND);
    clock.advance(9 * SECOND);
    expect(exchange.signal.aborted).toBe(false);
    clock.advance(2 * SECOND);
    expect(await desk.next()).toMatchObject({
      id: 1,
      error: { message: expect.stringContaining('too long') as unknown },
    });
  });

  it('leaves the request what it had when the server takes its question back', async () => {
    const desk = await client();
    const exchange = await waiting(desk);
    clock.advance(8 * SECOND);
    const question = sampling();
    exchange.deliver(question.request);
    clock.advance(30 * SECOND);
    question.withdraw();
    expect(exchange.deadline).toBe(clock.now() + 2 * SECOND);
  });

  it('is bounded: the server is refused, the client is told, and the request goes on', async () => {
    const desk = await client();
    const exchange = await waiting(desk);
    const [asked, unrelated] = [sampling(), roots()];
    exchange.deliver(asked.request);
    exchange.stay.deliver(unrelated.request);
    const ids = [(await desk.next())['id'], (await desk.next())['id']];
    clock.advance(60 * SECOND);
    expect([await desk.next(), await desk.next()].map(({ params }) => (params as Json)['requestId'])).toEqual(ids);
    expect(asked.answers).toMatchObject([{ error: { code: -1 } }]);
    expect(unrelated.answers).toMatchObject([{ error: { code: -32601 } }]);
    expect(exchange.signal.aborted).toBe(false);
    expect(exchange.deadline).toBe(clock.now() + 10 * SECOND);
  });

  it('counts for no request of the session when the server does not say which it asks for', async () => {
    const desk = await client();
    const early = await waiting(desk, 1);
    clock.advance(8 * SECOND);
    const question = elicitation();
    early.stay.deliver(question.request);
    const { id } = await desk.next();
    clock.advance(30 * SECOND);
    const late = await waiting(desk, 2);
    clock.advance(25 * SECOND);
    expect([early.signal.aborted, late.signal.aborted]).toEqual([false, false]);
    desk.send(answer(id));
    await question.answer;
    const anew = clock.now() + 10 * SECOND;
    const next = await waiting(desk, 3);
    expect([early.deadline, late.deadline, next.deadline]).toEqual([anew, anew, anew]);
    clock.advance(11 * SECOND);
    expect([early.signal.aborted, late.signal.aborted]).toEqual([true, true]);
  });

  it('leaves each request of the session what it had when such a question is taken back', async () => {
    const desk = await client();
    const first = await waiting(desk, 1);
    clock.advance(3 * SECOND);
    const second = await waiting(desk, 2);
    clock.advance(3 * SECOND);
    const question = elicitation();
    first.stay.deliver(question.request);
    clock.advance(30 * SECOND);
    question.withdraw();
    expect([first.deadline, second.deadline]).toEqual([clock.now() + 4 * SECOND, clock.now() + 7 * SECOND]);
  });

  it("goes on when one of the requests ends that a question may be for, and is no other session's", async () => {
    const [desk, stranger] = [await client(), await client()];
    const [first, other] = [await waiting(desk, 1), await waiting(stranger, 1)];
    const second = await waiting(desk, 2);
    const question = elicitation();
    second.stay.deliver(question.request);
    await desk.next();
    desk.send(cancelled(1));
    await until(() => first.signal.aborted, 'the cancellation');
    expect(question.answers).toEqual([]);
    clock.advance(20 * SECOND);
    expect([second.signal.aborted, other.signal.aborted]).toEqual([false, true]);
  });

  it('does not lengthen what nobody is asked for', async () => {
    const desk = await client();
    const asking = await waiting(desk, 1);
    const other = await waiting(desk, 2);
    asking.deliver(sampling().request);
    clock.advance(11 * SECOND);
    expect([asking.signal.aborted, other.signal.aborted]).toEqual([false, true]);
  });
});
