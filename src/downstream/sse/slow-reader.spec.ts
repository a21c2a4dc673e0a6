import { setImmediate as turn } from 'node:timers/promises';

import type { Flow } from '../../core/flow.js';
import { Params, result, type InterimMessage } from '../../core/message.js';
import { readParams } from '../../protocol/index.js';
import { type HttpAnswer, call, DownstreamApp, request } from '../../../test/support/downstream.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { SseClient } from '../../../test/support/sse-client.js';
import { until } from '../../../test/support/until.js';

function progress(of: string | number, value: number, message = ''): InterimMessage {
  const bytes = Buffer.from(JSON.stringify({ progressToken: of, progress: value, message }));
  const read: unknown = readParams(bytes);
  return { kind: 'notification', method: 'notifications/progress', params: read instanceof Params ? read : undefined };
}

/** Whether nothing more of what waits is taken for a while: as many looks as it may take the kernel. */
async function staysCongested(flow: Flow): Promise<boolean> {
  for (let look = 0; look < 200; look++) {
    if (!flow.congested) return false;
    await turn();
  }
  return true;
}

describe('a client of HTTP+SSE that does not read its stream', () => {
  const BIG = 'x'.repeat(400_000);

  it('is read from again once it does', async () => {
    const slow = await DownstreamApp.start({ ServerSection: { queueSoftBytes: 65_536 } });
    slow.routes.handler = () => Promise.resolve(result({ text: BIG }));
    const client = await SseClient.introduced(slow);
    client.response.pause();
    const posts = [client.post(call('big', 0))];
    await until(() => slow.routes.seen.length === 1, 'the first call to arrive');
    const { flow } = slow.routes.seen[0]!.exchange;
    // The buffers of the kernel grow while they are filled: it is full when it stays so.
    for (let id = 1; !(await staysCongested(flow)); id++) {
      posts.push(client.post(call('big', id)));
      await posts.at(-1);
    }
    const sent = posts.length;
    const answers: HttpAnswer[] = [];
    const held = Array.from({ length: 70 }, async (_, id) =>
      answers.push(await client.post(request('ping', `held-${id}`))),
    );
    await until(() => answers.length === 6, 'what is too much to be refused');
    expect(answers.map(({ status, headers }) => [status, headers['retry-after']])).toEqual(
      Array.from(answers, () => [429, '1']),
    );
    expect(slow.outcome('ping')).toEqual([]);

    client.response.resume();
    await Promise.all(held);
    expect(answers.slice(6).map(({ status }) => status)).toEqual(Array.from({ length: 64 }, () => 202));
    for (let count = 0; count < sent + 64; count++) await client.next();
    await slow.stop();
  });

  it('is dropped when it takes nothing for a while, and not because it has nothing to say', async () => {
    const clock = new ManualClock();
    const patient = await DownstreamApp.start({}, clock);
    patient.routes.handler = (_request, exchange) => {
      for (let count = 0; count < 20; count++) exchange.deliver(progress('p', 1 + count, BIG));
      return Promise.resolve(result({}));
    };
    const idle = await SseClient.introduced(patient);
    const client = await SseClient.introduced(patient);
    client.response.pause();
    await client.post(call('big', 1, { _meta: { progressToken: 'p' } }));
    for (let beat = 1; beat <= 6; beat++) {
      clock.advance(16_000);
      await until(() => idle.comments === beat, 'the next comment');
    }
    expect(patient.connections).toHaveLength(1);
    expect(await idle.ask(request('ping', 1))).toMatchObject({ id: 1 });
    await patient.stop();
  });

  it('is dropped when it is told more than is kept for it', async () => {
    const small = await DownstreamApp.start({
      ServerSection: { queueSoftBytes: 65_536, queueHardBytes: 1_048_576 },
    });
    small.routes.handler = (_request, exchange) => {
      for (let count = 0; count < 40; count++) exchange.deliver(progress('p', 1, BIG));
      return new Promise(() => undefined);
    };
    const client = await SseClient.introduced(small);
    client.response.pause();
    await client.post(call('big', 1, { _meta: { progressToken: 'p' } }));
    await until(() => small.connections.length === 0, 'the session to end');
    expect(small.dropped).toEqual(['queue_full']);
    expect(small.outcome('tools/call')).toEqual(['499 exchange_cancelled']);
    await small.stop();
  });
});
