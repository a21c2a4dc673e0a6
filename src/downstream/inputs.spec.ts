import {
  answer,
  call,
  cancelled,
  DownstreamApp,
  request,
  type Json,
  type WsClient,
} from '../../test/support/downstream.js';
import { ANSWERS_EVERYTHING, elicitation, type Question, roots, sampling } from '../../test/support/questions.js';
import { until } from '../../test/support/until.js';
import type { Exchange } from '../core/exchange.js';
import { result } from '../core/message.js';

const OUR_ID = /^g\.[\w-]{8}\.[0-9a-z]+$/;

let app: DownstreamApp;

async function client(revision?: string, capabilities = ANSWERS_EVERYTHING): Promise<WsClient> {
  return app.introduced(revision, '/mcp', capabilities);
}

/** The route asks this for every request, and answers with what it heard. */
function asks(ask: () => Question): void {
  app.routes.handler = async (_request, exchange) => {
    const question = ask();
    exchange.deliver(question.request);
    return result({ heard: await question.answer } as never);
  };
}

/** A request that waits for ever; returns its exchange. */
async function waiting(from: WsClient, id: string | number = 1): Promise<Exchange> {
  const before = app.routes.seen.length;
  app.routes.handler = () => new Promise(() => undefined);
  from.send(call('slow', id));
  await until(() => app.routes.seen.length > before, 'the request');
  return app.routes.seen.at(-1)?.exchange as Exchange;
}

describe('input requests over WebSocket', () => {
  beforeEach(async () => {
    app = await DownstreamApp.start();
  });

  afterEach(() => app.stop());

  it.each([
    ['sampling', sampling, { role: 'assistant', model: 'm', content: { type: 'text', text: 'hi' } }],
    ['elicitation', elicitation, { action: 'accept', content: { name: 'Ada' } }],
    ['roots', roots, { roots: [{ uri: 'file:///home' }] }],
  ] as const)('asks the client that sent the request for %s, and hands its answer back', async (_what, ask, said) => {
    const desk = await client();
    asks(ask);
    desk.send(call('t', 1));
    const asked = await desk.next();
    expect(asked['id']).toMatch(OUR_ID);
    expect(asked['method']).toBe(ask().request.method);
    expect(asked['params']).toEqual(ask().request.params?.object());
    expect(await desk.ask(answer(asked['id'], said))).toMatchObject({ id: 1, result: { heard: { result: said } } });
  });

  it('hands an error answer back as an error', async () => {
    const desk = await client();
    asks(sampling);
    desk.send(call('t', 1));
    const { id } = await desk.next();
    const error = { code: -1, message: 'User rejected', data: { why: 'no' } };
    expect(await desk.ask({ jsonrpc: '2.0', id, error })).toMatchObject({ id: 1, result: { heard: { error } } });
  });

  it('asks a client that has nothing in flight', async () => {
    const desk = await client();
    const question = roots();
    app.stays()[0]?.deliver(question.request);
    const { id, method } = await desk.next();
    expect(method).toBe('roots/list');
    desk.send(answer(id, { roots: [] }));
    expect(await question.answer).toEqual({ result: { roots: [] } });
  });

  it('takes an answer from nobody but the session that was asked', async () => {
    const [desk, other] = [await client(), await client()];
    const [mine, theirs] = [sampling('mine'), sampling('theirs')];
    (await waiting(desk, 1)).deliver(mine.request);
    (await waiting(other, 1)).deliver(theirs.request);
    const [a, b] = [(await desk.next())['id'], (await other.next())['id']];
    expect(a).not.toBe(b);
    other.send(answer(a, { stolen: true }));
    desk.send(answer(b, { stolen: true }));
    await until(() => app.dropped.filter((why) => why === 'stray_reply').length === 2, 'both to be dropped');
    desk.send(answer(a, { from: 'desk' }));
    other.send(answer(b, { from: 'other' }));
    expect(await mine.answer).toEqual({ result: { from: 'desk' } });
    expect(await theirs.answer).toEqual({ result: { from: 'other' } });
  });

  it('counts the first answer alone', async () => {
    const desk = await client();
    const question = sampling();
    (await waiting(desk)).deliver(question.request);
    const { id } = await desk.next();
    desk.send(answer(id, { nth: 1 }));
    desk.send(answer(id, { nth: 2 }));
    await until(() => app.dropped.includes('stray_reply'), 'the second to be dropped');
    expect(question.answers).toEqual([{ result: { nth: 1 } }]);
  });

  it('tells the client when the server takes its question back, and drops a late answer', async () => {
    const desk = await client();
    const question = sampling();
    (await waiting(desk)).deliver(question.request);
    const { id } = await desk.next();
    question.withdraw('changed my mind');
    expect(await desk.next()).toEqual({
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId: id, reason: 'changed my mind' },
    });
    desk.send(answer(id));
    await until(() => app.dropped.includes('stray_reply'), 'the late answer to be dropped');
    expect(question.answers).toEqual([]);
  });

  it('does not ask what was taken back before', async () => {
    const desk = await client();
    const question = sampling();
    question.withdraw();
    (await waiting(desk)).deliver(question.request);
    expect(await desk.ask(request('ping', 'p'))).toMatchObject({ id: 'p' });
    expect(question.answers).toEqual([]);
  });

  it('refuses what is pending when the client cancels its request, and says that nobody waits', async () => {
    const desk = await client();
    const [first, second] = [sampling(), elicitation()];
    const exchange = await waiting(desk);
    exchange.deliver(first.request);
    exchange.deliver(second.request);
    const ids = [(await desk.next())['id'], (await desk.next())['id']];
    desk.send(cancelled(1));
    expect([await desk.next(), await desk.next()]).toMatchObject(
      ids.map((requestId) => ({ method: 'notifications/cancelled', params: { requestId } })),
    );
    expect(first.answers).toMatchObject([{ error: { code: -1 } }]);
    expect(second.answers).toEqual([{ result: { action: 'cancel' } }]);
  });

  it('takes a question back before the reply to the request that it was for', async () => {
    const desk = await client();
    const question = elicitation();
    app.routes.handler = (_request, exchange) => {
      exchange.deliver(question.request);
      return Promise.resolve(result({ done: true }));
    };
    desk.send(call('t', 1));
    const { id } = await desk.next();
    expect(await desk.next()).toMatchObject({ method: 'notifications/cancelled', params: { requestId: id } });
    expect(await desk.next()).toMatchObject({ id: 1, result: { done: true } });
    expect(question.answers).toEqual([{ result: { action: 'cancel' } }]);
  });

  it('refuses at once what comes for a request that is over', async () => {
    const desk = await client();
    const exchange = await waiting(desk);
    desk.send(cancelled(1));
    await until(() => exchange.signal.aborted, 'the cancellation');
    const question = sampling();
    exchange.deliver(question.request);
    expect(question.answers).toMatchObject([{ error: { code: -1 } }]);
  });

  it('refuses everything that is pending when the session ends, and everything after', async () => {
    const desk = await client();
    const exchange = await waiting(desk);
    const questions = [sampling(), roots(), elicitation()];
    exchange.deliver(questions[0]!.request);
    exchange.stay.deliver(questions[1]!.request);
    await desk.next();
    await desk.next();
    desk.socket.terminate();
    await until(() => exchange.stay.ended, 'the end of the session');
    exchange.stay.deliver(questions[2]!.request);
    expect(questions.map(({ answers }) => answers)).toMatchObject([
      [{ error: { code: -1 } }],
      [{ error: { code: -32601 } }],
      [{ result: { action: 'cancel' } }],
    ]);
  });

  it('refuses at once what the client did not say that it can do, or its revision does not know', async () => {
    const plain = await client('2025-11-25', {});
    const old = await client('2025-03-26');
    const [undeclared, unknown] = [elicitation(), elicitation()];
    (await waiting(plain)).deliver(undeclared.request);
    (await waiting(old)).deliver(unknown.request);
    for (const { answers } of [undeclared, unknown]) expect(answers).toEqual([{ result: { action: 'cancel' } }]);
  });

  it("gives progress of an answer its asker's token back, as long as it grows", async () => {
    const desk = await client();
    const question = sampling('hi', { progressToken: 7, other: true });
    (await waiting(desk)).deliver(question.request);
    const asked = await desk.next();
    expect(asked).toMatchObject({ params: { _meta: { progressToken: asked['id'], other: true } } });
    for (const progress of [1, 1, 2]) {
      desk.send(notice(asked['id'], progress));
    }
    desk.send(notice('g.other.0', 3));
    desk.send(answer(asked['id']));
    await question.answer;
    expect(question.progress).toEqual([
      { progressToken: 7, progress: 1 },
      { progressToken: 7, progress: 2 },
    ]);
    expect(app.dropped.filter((why) => why === 'stray_progress')).toHaveLength(2);
  });

  it('ends a question with an error when its answer is none', async () => {
    const desk = await client();
    const question = sampling();
    (await waiting(desk)).deliver(question.request);
    const { id } = await desk.next();
    expect(await desk.ask({ jsonrpc: '2.0', id })).toEqual({
      jsonrpc: '2.0',
      error: expect.objectContaining({ code: -32600 }) as unknown,
    });
    expect(await question.answer).toMatchObject({ error: { code: -32603 } });
  });

  it('does not ask one client more than 64 things at once', async () => {
    const desk = await client();
    const exchange = await waiting(desk);
    const questions = Array.from({ length: 65 }, () => sampling());
    for (const { request: asked } of questions) exchange.deliver(asked);
    expect(questions.findIndex(({ answers }) => answers.length > 0)).toBe(64);
    desk.send(answer((await desk.next())['id']));
    await questions[0]?.answer;
    const another = sampling();
    exchange.deliver(another.request);
    expect(another.answers).toEqual([]);
  });

  it('takes several answers in one batch', async () => {
    const desk = await client('2025-03-26');
    const exchange = await waiting(desk);
    const questions = [sampling('a'), roots()];
    for (const { request: asked } of questions) exchange.deliver(asked);
    const ids = [(await desk.next())['id'], (await desk.next())['id']];
    desk.send(JSON.stringify([answer(ids[1], { roots: [] }), answer(ids[0], { text: 'a' })]));
    expect(await Promise.all(questions.map((question) => question.answer))).toEqual([
      { result: { text: 'a' } },
      { result: { roots: [] } },
    ]);
  });
});

function notice(progressToken: unknown, progress: number): Json {
  return { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, progress } };
}
