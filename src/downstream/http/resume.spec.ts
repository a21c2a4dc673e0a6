import { call, initialize, postOf, type Json } from '../../../test/support/downstream.js';
import { eventText, progress, ResumeBench, type HeardStream } from '../../../test/support/resume-bench.js';
import { until } from '../../../test/support/until.js';
import { errorReply } from '../../core/message.js';

const PRIMED = /^id: ([\w-]{6}\.p[0-9a-z]+\.0)\nretry: 1000\ndata: \n\n/;
const NOTHING = { sessions: 0, events: 0, bytes: 0 };

function progressOf(progress: number): Json {
  return { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 'p', progress } };
}

function replyTo(id: number): Json {
  return { jsonrpc: '2.0', id, result: { done: true } };
}

function valuesIn({ text }: HeardStream): number[] {
  return [...text.matchAll(/"progress":(\d+)/g)].map(([, value]) => Number(value));
}

describe('the answer to a POST that its client comes back to', () => {
  let bench: ResumeBench;

  beforeEach(async () => {
    bench = await ResumeBench.start();
  });
  afterEach(() => bench.stop());

  const restart = async (overrides: Record<string, Json>): Promise<void> => {
    await bench.stop();
    bench = await ResumeBench.start(overrides);
  };

  it('begins with an id, and goes on exactly where it broke', async () => {
    const session = await bench.gateway.session();
    const { exchange, response } = await bench.ask(session);
    progress(exchange, 1);
    const first = await (await response).untilHeard('"progress":1');
    const primer = PRIMED.exec(first.text)?.[1] ?? '';
    const stream = primer.slice(0, -2);
    expect(first.text).toBe(`id: ${primer}\nretry: 1000\ndata: \n\n${eventText(`${stream}.1`, progressOf(1))}`);
    await first.cut();

    progress(exchange, 2);
    const second = await bench.listen(session, first.lastId);
    expect([second.status, second.response.headers['content-type']]).toEqual([200, 'text/event-stream']);
    await second.untilHeard('"progress":2');
    progress(exchange, 3);
    bench.settle();
    expect(await second.whole()).toBe(
      eventText(`${stream}.2`, progressOf(2)) +
        eventText(`${stream}.3`, progressOf(3)) +
        eventText(`${stream}.4`, replyTo(1)),
    );
  });

  it('is opened after a second for the sake of that id, and not before', async () => {
    const session = await bench.gateway.session();
    const quick = await bench.ask(session, 1);
    bench.clock.advance(900);
    bench.settle();
    expect((await quick.response).response.headers['content-type']).toBe('application/json');

    const { response } = await bench.ask(session, 2);
    bench.clock.advance(1_500);
    const slow = await (await response).untilHeard('data: ');
    expect(slow.text).toMatch(PRIMED);
    await slow.cut();
    bench.settle();
    const back = await bench.listen(session, slow.lastId);
    expect(await back.whole()).toBe(eventText(slow.lastId.replace(/0$/, '1'), replyTo(2)));
  });

  it('has ids but no empty event for clients of earlier revisions, and is not opened early for them', async () => {
    for (const revision of ['2025-03-26', '2025-06-18']) {
      const session = await bench.gateway.session(revision);
      const { exchange, response } = await bench.ask(session);
      bench.clock.advance(5_000);
      progress(exchange, 1);
      const heard = await (await response).untilHeard('"progress":1');
      expect(heard.text).toMatch(/^event: message\nid: [\w-]{6}\.p0\.1\ndata: \{.*\}\n\n$/);
      await heard.cut();
      bench.settle();
      const back = await bench.listen(session, heard.lastId);
      expect(await back.whole()).toBe(eventText(heard.lastId.replace(/1$/, '2'), replyTo(1)));
    }
  });

  it('has no ids in a revision without them, or where nothing is kept', async () => {
    const heard: string[] = [];
    const once = async (revision: string): Promise<void> => {
      const session = await bench.gateway.session(revision);
      const { exchange, response } = await bench.ask(session);
      progress(exchange, 1);
      bench.settle();
      heard.push(await (await response).whole());
      const own = await bench.listen(session, 'AAAAAA.p0.1');
      expect((await own.untilHeard(':')).text).toBe(':\n\n');
    };
    await once('2024-11-05');
    await restart({ SessionSection: { resumeWindow: 0 } });
    await once('2025-11-25');
    for (const text of heard) expect(text).not.toMatch(/^(id|retry):/m);
    expect(bench.kept).toEqual(NOTHING);
  });

  it('tells each event once: the new connection takes over from the old one', async () => {
    const session = await bench.gateway.session();
    const { exchange, response } = await bench.ask(session);
    progress(exchange, 1);
    const old = await (await response).untilHeard('"progress":1');
    const next = await bench.listen(session, old.lastId);
    await next.untilHeard(':');
    progress(exchange, 2);
    bench.settle();
    await old.whole();
    expect(await next.whole()).toContain('"id":1');
    expect([valuesIn(old), valuesIn(next)]).toEqual([[1], [2]]);
  });

  it('can be gone on with from any of its events', async () => {
    const session = await bench.gateway.session();
    const { exchange, response } = await bench.ask(session);
    for (const value of [1, 2, 3]) progress(exchange, value);
    const heard = await (await response).untilHeard('"progress":3');
    await heard.cut();
    bench.settle();
    const said = [progressOf(1), progressOf(2), progressOf(3), replyTo(1)];
    for (const [at, id] of heard.ids.entries()) {
      const rest = said.slice(at).map((data, index) => eventText(id.replace(/\w$/, String(at + 1 + index)), data));
      expect(await (await bench.listen(session, id)).whole()).toBe(rest.join(''));
    }
  });

  it('is 204 to whoever has heard all of it', async () => {
    const session = await bench.gateway.session();
    const { exchange, response } = await bench.ask(session);
    progress(exchange, 1);
    bench.replies[0]!.resolve(errorReply(-32_000, 'no'));
    const heard = await response;
    await heard.whole();
    const again = await bench.listen(session, heard.lastId);
    expect([again.status, await again.whole()]).toEqual([204, '']);
  });

  it('is unknown in another session, by a made-up id, and to a client that was away for too long', async () => {
    const [session, other] = [await bench.gateway.session(), await bench.gateway.session()];
    const { exchange, response } = await bench.ask(session);
    progress(exchange, 1);
    const heard = await (await response).untilHeard('"progress":1');
    await heard.cut();
    bench.settle();
    await until(() => bench.gateway.outcome('tools/call').length === 1, 'the exchange to end');
    const refused = async (from: Record<string, string>, id: string): Promise<void> => {
      const answer = await bench.listen(from, id);
      expect(answer.status).toBe(400);
      expect(await answer.whole()).toContain('"reason":"stream_unknown"');
    };
    await refused(other, heard.lastId);
    for (const id of ['1', 'x'.repeat(5_000), heard.lastId.replace(/1$/, '9'), heard.lastId.replace('p0', 'p1')]) {
      await refused(session, id);
    }
    bench.clock.advance(66_000);
    await refused(session, heard.lastId);
    expect(bench.kept).toEqual(NOTHING);
  });

  it('is forgotten with its session', async () => {
    const session = await bench.gateway.session();
    const { exchange, response } = await bench.ask(session);
    progress(exchange, 1);
    const heard = await (await response).untilHeard('"progress":1');
    expect(bench.kept.sessions).toBe(1);
    await bench.gateway.http('DELETE', { headers: session });
    await heard.whole();
    expect(bench.kept).toEqual(NOTHING);
    expect((await bench.listen(session, heard.lastId)).status).toBe(404);
  });

  it('is not kept for a client that left before it had an id', async () => {
    const session = await bench.gateway.session();
    const hangUp = new AbortController();
    const waiting = bench.gateway.http('POST', { ...postOf(call('slow', 1), session), signal: hangUp.signal });
    await until(() => bench.replies.length === 1, 'the call to arrive');
    hangUp.abort();
    await expect(waiting).rejects.toThrow();
    await bench.gateway.post(initialize());
    bench.clock.advance(2_000);
    bench.settle();
    await until(() => bench.gateway.outcome('tools/call').length === 1, 'the exchange to end');
    expect(bench.kept).toEqual(NOTHING);
  });

  it('keeps within its bounds when a thousand are left alone', async () => {
    await restart({ SessionSection: { resumeTotalBytes: 1_048_576, resumeMaxEvents: 40 } });
    const { seen } = bench.gateway.routes;
    const asking = { _meta: { progressToken: 'p' } };
    for (let round = 0; round < 20; round++) {
      const session = await bench.gateway.session();
      const before = seen.length;
      const answers = Array.from({ length: 50 }, (_, id) =>
        bench.gateway.open('POST', postOf(call('x', id, asking), session)),
      );
      await until(() => seen.length === before + 50, 'the calls to arrive');
      for (const { exchange } of seen.slice(before)) progress(exchange, 1, 'x'.repeat(8_192));
      for (const answer of answers) (await answer).destroy();
    }
    for (const [index] of bench.replies.entries()) bench.settle(index);
    await until(() => bench.gateway.outcome('tools/call').length === 1_000, 'all exchanges to end');
    expect(bench.kept.sessions).toBeLessThanOrEqual(20);
    expect(bench.kept.events).toBeLessThanOrEqual(20 * 40);
    expect(bench.kept.bytes).toBeLessThanOrEqual(1_048_576);
    bench.clock.advance(66_000);
    expect(bench.kept).toEqual(NOTHING);
  });

  it('holds up whoever speaks while its client reads too slowly, and is cut when it is too much', async () => {
    await restart({ ServerSection: { queueSoftBytes: 65_536, queueHardBytes: 1_048_576 } });
    const session = await bench.gateway.session();
    const { exchange, response } = await bench.ask(session);
    progress(exchange, 0);
    const heard = await (await response).untilHeard('"progress":0');
    heard.response.pause();
    let said = 0;
    const more = (): void => progress(exchange, ++said, 'x'.repeat(65_536));
    // Sockets hold some themselves.
    await until(() => {
      more();
      return exchange.flow.congested;
    }, 'the client to be behind');
    heard.response.resume();
    await until(() => !exchange.flow.congested, 'the client to catch up');
    await heard.untilHeard(`"progress":${said},`);

    heard.response.pause();
    const before = said;
    await until(() => {
      for (let count = 0; count < 32; count++) more();
      return !exchange.flow.congested && said > before + 32;
    }, 'the client to be cut');
    heard.response.resume();
    await until(() => heard.ended, 'the client to notice');
    const back = await bench.listen(session, heard.lastId);
    bench.settle();
    expect(await back.whole()).toContain('"done":true');
    expect(valuesIn(back)).toEqual(valuesIn(back).map((_, index) => said - valuesIn(back).length + 1 + index));
  });
});
