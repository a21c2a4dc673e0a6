import { connect } from 'node:net';

import { eventText, ResumeBench, type HeardStream } from '../../../test/support/resume-bench.js';
import { until } from '../../../test/support/until.js';
import type { Exchange } from '../../core/exchange.js';
import type { Session } from '../../session/index.js';

const PRIMED = /^id: ([\w-]{6}\.g[0-9a-z]+\.0)\nretry: 1000\ndata: \n\n/;
const CHANGED = '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}';

describe('the stream that a session opened for itself', () => {
  let bench: ResumeBench;

  beforeEach(async () => {
    bench = await ResumeBench.start();
  });
  afterEach(() => bench.stop());

  const opened = async (): Promise<{ session: Record<string, string>; stay: Session; heard: HeardStream }> => {
    const session = await bench.gateway.session();
    const { exchange } = await bench.ask(session);
    const heard = await (await bench.listen(session)).untilHeard('data: ');
    expect(heard.text).toMatch(PRIMED);
    return { session, stay: exchange.stay as Session, heard };
  };
  const change = (stay: Exchange['stay']): void =>
    stay.deliver({ kind: 'notification', method: 'notifications/tools/list_changed', params: undefined });

  it('tells what was said while the client was away', async () => {
    const { session, stay, heard } = await opened();
    change(stay);
    await heard.untilHeard(CHANGED);
    await heard.cut();
    change(stay);
    change(stay);
    const back = await bench.listen(session, heard.lastId);
    const stream = heard.lastId.replace(/1$/, '');
    await back.untilHeard(`${stream}3`);
    change(stay);
    await back.untilHeard(`${stream}4`);
    const missed = [2, 3, 4].map((number) => eventText(`${stream}${number}`, CHANGED));
    expect(back.text.replaceAll(':\n\n', '')).toBe(missed.join(''));
  });

  it('is silent in the end when the client does not come back, and opened anew when it does later', async () => {
    const { session, stay, heard } = await opened();
    await heard.cut();
    await until(() => stay.streams === 0, 'the gateway to notice');
    expect(stay.voice).toBeDefined();
    bench.clock.advance(61_000);
    expect(stay.voice).toBeUndefined();
    change(stay);
    const back = await (await bench.listen(session, heard.lastId)).untilHeard('data: ');
    expect(PRIMED.exec(back.text)?.[1]).not.toBe(heard.lastId);
    expect(back.text).not.toContain(CHANGED);
    change(stay);
    await back.untilHeard(CHANGED);
  });

  it('lasts as long as its client is there, however long nothing is said', async () => {
    const { stay, heard } = await opened();
    for (let minute = 0; minute < 10; minute++) bench.clock.advance(60_000);
    change(stay);
    await heard.untilHeard(CHANGED);
    expect(heard.text).toContain(':\n\n');
    expect(heard.ended).toBe(false);
  });

  it('is over when another took its place', async () => {
    const { session, stay, heard } = await opened();
    const other = await (await bench.listen(session)).untilHeard('data: ');
    await heard.whole();
    expect((await bench.listen(session, heard.lastId)).status).toBe(204);
    change(stay);
    await other.untilHeard(CHANGED);
    expect([heard.text.includes(CHANGED), other.ended]).toEqual([false, false]);
  });

  it('ends with a wish to come back when the gateway stops', async () => {
    const { heard } = await opened();
    const drained = bench.gateway.downstream.drain(1_000);
    expect(await heard.whole()).toMatch(/\nretry: 1000\n\n$/);
    bench.settle();
    expect(await drained).toBe(true);
  });

  it('is not opened for a session that ended while it was asked for', async () => {
    const { session } = await opened();
    const head = ['Host: localhost', ...Object.entries(session).map(([name, value]) => `${name}: ${value}`)].join(
      '\r\n',
    );
    const socket = connect(bench.gateway.port, '127.0.0.1');
    let said = '';
    socket.on('data', (chunk: Buffer) => (said += chunk.toString()));
    socket.write(
      `DELETE /mcp HTTP/1.1\r\n${head}\r\n\r\nGET /mcp HTTP/1.1\r\n${head}\r\nAccept: text/event-stream\r\n\r\n`,
    );
    await until(() => said.split('HTTP/1.1 ').length > 2, 'both answers');
    socket.destroy();
    expect([...said.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status)).toEqual(['200', '404']);
  });
});
