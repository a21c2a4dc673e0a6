import type { IncomingMessage } from 'node:http';

import { answer, call, DownstreamApp, eventsOf, type Json, postOf } from '../../test/support/downstream.js';
import { ANSWERS_EVERYTHING, elicitation, type Question, roots, sampling } from '../../test/support/questions.js';
import { until } from '../../test/support/until.js';
import { result } from '../core/message.js';

let app: DownstreamApp;

/** The headers of a session whose client can be asked everything. */
function client(revision?: string, path?: string): Promise<Record<string, string>> {
  return app.session(revision, path, ANSWERS_EVERYTHING);
}

/** The messages of a response, as they come. */
async function* messages(response: IncomingMessage): AsyncGenerator<Json, undefined> {
  let text = '';
  for await (const chunk of response) {
    text += String(chunk);
    const end = text.lastIndexOf('\n\n');
    if (end < 0) continue;
    yield* eventsOf(text.slice(0, end).replaceAll(/^data: $/gm, ''));
    text = text.slice(end);
  }
  return undefined;
}

async function next(stream: AsyncGenerator<Json, undefined>): Promise<Json> {
  const { value } = await stream.next();
  return value as Json;
}

async function call1(headers: Json, id: number): Promise<AsyncGenerator<Json, undefined>> {
  return messages(await app.open('POST', postOf(call('t', id), headers)));
}

async function listen(session: Record<string, string>): Promise<AsyncGenerator<Json, undefined>> {
  return messages(await app.open('GET', { headers: { ...session, accept: 'text/event-stream' } }));
}

/** The route asks this for every request, and answers with what it heard. */
function asks(ask: () => Question): void {
  app.routes.handler = async (_request, exchange) => {
    const question = ask();
    exchange.deliver(question.request);
    return result({ heard: await question.answer } as never);
  };
}

beforeEach(async () => {
  app = await DownstreamApp.start({ SessionSection: { maxSessions: 2 } });
});

afterEach(() => app.stop());

describe('input requests over Streamable HTTP', () => {
  it('come on the stream of the request that they are for, and are answered by a POST of their own', async () => {
    const session = await client();
    asks(elicitation);
    const stream = await call1(session, 1);
    const asked = await next(stream);
    expect(asked).toMatchObject({ method: 'elicitation/create', params: { message: 'who are you?' } });
    const said = await app.post(answer(asked['id'], { action: 'decline' }), session);
    expect([said.status, said.text]).toEqual([202, '']);
    expect(await next(stream)).toMatchObject({ id: 1, result: { heard: { result: { action: 'decline' } } } });
  });

  it('are kept apart: an answer counts on the session that was asked alone', async () => {
    const [mine, theirs] = [await client(), await client()];
    asks(sampling);
    const streams = [await call1(mine, 1), await call1(theirs, 1)] as const;
    const ids = [(await next(streams[0]))['id'], (await next(streams[1]))['id']];
    expect((await app.post(answer(ids[1], { stolen: true }), mine)).status).toBe(202);
    expect(app.dropped).toEqual(['stray_reply']);
    await app.post(answer(ids[1], { by: 'theirs' }), theirs);
    await app.post(answer(ids[0], { by: 'mine' }), mine);
    expect(await next(streams[0])).toMatchObject({ result: { heard: { result: { by: 'mine' } } } });
    expect(await next(streams[1])).toMatchObject({ result: { heard: { result: { by: 'theirs' } } } });
  });

  it('are refused at once for a client that takes JSON alone and listens to nothing', async () => {
    const session = await client();
    asks(elicitation);
    const { json } = await app.post(call('t', 1), { ...session, accept: '*/*' });
    expect(json).toMatchObject({ id: 1, result: { heard: { result: { action: 'cancel' } } } });
  });

  it('come on the stream of the session where the answer to the request has no room', async () => {
    const session = await client();
    const listening = await listen(session);
    asks(elicitation);
    const answered = app.post(call('t', 1), { ...session, accept: '*/*' });
    const asked = await next(listening);
    await app.post(answer(asked['id'], { action: 'accept' }), session);
    expect((await answered).json).toMatchObject({ id: 1, result: { heard: { result: { action: 'accept' } } } });
  });

  it('that belong to no request come on the stream of the session, else with any answer under way', async () => {
    const session = await client();
    const [stay] = app.stays();
    const refused = roots();
    stay?.deliver(refused.request);
    expect(refused.answers).toMatchObject([{ error: { code: -32601 } }]);

    app.routes.handler = () => new Promise(() => undefined);
    const post = app.open('POST', postOf(call('slow', 1), session));
    await until(() => app.routes.seen.length === 1, 'the request');
    const withAnswer = roots();
    stay?.deliver(withAnswer.request);
    const { id } = await next(messages(await post));
    await app.post(answer(id, { roots: [] }), session);
    expect(await withAnswer.answer).toEqual({ result: { roots: [] } });

    const listening = await listen(session);
    const onStream = roots();
    stay?.deliver(onStream.request);
    expect(await next(listening)).toMatchObject({ method: 'roots/list' });
  });

  it('are taken back on the stream on which they were sent', async () => {
    const session = await client();
    const question = sampling();
    app.routes.handler = (_request, exchange) => {
      exchange.deliver(question.request);
      return new Promise(() => undefined);
    };
    const stream = await call1(session, 1);
    const { id } = await next(stream);
    question.withdraw('too late');
    expect(await next(stream)).toMatchObject({
      method: 'notifications/cancelled',
      params: { requestId: id, reason: 'too late' },
    });
    expect((await app.post(answer(id), session)).status).toBe(202);
    expect(question.answers).toEqual([]);
  });

  it('are refused when the client ends its session', async () => {
    const session = await client();
    const question = sampling();
    app.routes.handler = (_request, exchange) => {
      exchange.deliver(question.request);
      return new Promise(() => undefined);
    };
    await next(await call1(session, 1));
    expect((await app.http('DELETE', { headers: session })).status).toBe(200);
    expect(question.answers).toMatchObject([{ error: { code: -1 } }]);
  });

  it('end with an error when they are answered by something that is no answer', async () => {
    const session = await client();
    asks(sampling);
    const stream = await call1(session, 1);
    const { id } = await next(stream);
    const said = await app.post({ jsonrpc: '2.0', id, result: {}, error: { code: 1, message: 'both' } }, session);
    expect([said.status, said.json['id']]).toEqual([400, null]);
    expect(await next(stream)).toMatchObject({ result: { heard: { error: { code: -32603 } } } });
  });

  it('are answered several at once by the one revision that has batches', async () => {
    const session = await client('2025-03-26');
    asks(sampling);
    const streams = [await call1(session, 1), await call1(session, 2)];
    const ids = await Promise.all(streams.map(async (stream) => (await next(stream))['id']));
    const said = await app.post(JSON.stringify(ids.map((id, nth) => answer(id, { nth }))), session);
    expect([said.status, said.text]).toEqual([202, '']);
    const heard = await Promise.all(streams.map(next));
    expect(heard).toMatchObject([0, 1].map((nth) => ({ result: { heard: { result: { nth } } } })));
  });
});

describe('a session over Streamable HTTP', () => {
  it('is told what concerns its route, also after it was set aside', async () => {
    const first = await client('2025-11-25', '/mcp/crm');
    const [begun] = app.stays('crm');
    await client();
    await client();
    expect(app.stays('crm')).toEqual([]);
    await app.post({ jsonrpc: '2.0', method: 'notifications/initialized' }, first, '/mcp/crm');
    expect(app.stays('crm').map(({ id }) => id)).toEqual([begun?.id]);
    await app.http('DELETE', { path: '/mcp/crm', headers: first });
    expect(app.stays('crm')).toEqual([]);
  });
});
