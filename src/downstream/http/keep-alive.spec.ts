import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { NEVER } from 'rxjs';

import { ManualClock } from '../../../test/support/manual-clock.js';
import type { ConfigService } from '../../config/index.js';
import { ReplyFrame } from '../../protocol/index.js';
import { MemoryEventStore } from './event-store/memory-event-store.js';
import type { HttpCall } from './http-call.js';
import { KeepAlive } from './keep-alive.js';
import { MessageStreams } from './message-streams.js';
import { PostResponse } from './post-response.js';

describe('an answer that is long in coming', () => {
  const clock = new ManualClock();
  const keepAlives = new KeepAlive(clock);
  const config = { get: (section: new () => object) => new section(), changes: NEVER } as unknown as ConfigService;
  const streams = new MessageStreams(new MemoryEventStore(config, clock), config);
  const server = createServer();
  let arrived: IncomingMessage;
  let response: ServerResponse;

  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    get({ host: '127.0.0.1', port, agent: false }, (incoming) => (arrived = incoming)).on('error', () => undefined);
    [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('becomes a stream that says from time to time that it is not forgotten', async () => {
    const answer = new PostResponse(
      response,
      { sse: true, session: undefined, call: {} as HttpCall },
      streams,
      keepAlives,
    );
    answer.started();
    clock.advance(14_000);
    expect(response.headersSent).toBe(false);
    clock.advance(6_000);
    expect(response.headersSent).toBe(true);
    clock.advance(40_000);
    answer.reply(ReplyFrame.whole(Buffer.from('{"late":true}')), undefined);
    await vi.waitUntil(() => arrived);
    expect(arrived.headers['content-type']).toBe('text/event-stream');
    let text = '';
    for await (const chunk of arrived) text += String(chunk);
    expect(text).toBe(`${':\n\n'.repeat(4)}event: message\ndata: {"late":true}\n\n`);
    clock.advance(10_000);
    expect(clock.timers).toBe(0);
  });
});

describe('KeepAlive', () => {
  it('lets each open answer speak, whoever left before', () => {
    const clock = new ManualClock();
    const keepAlives = new KeepAlive(clock);
    const spoken: string[] = [];
    const quiets = ['a', 'b', 'c', 'd'].map((name) => ({
      dueAt: 15_000,
      place: -1,
      keepAlive() {
        this.dueAt += 15_000;
        spoken.push(name);
      },
    }));
    for (const quiet of quiets) keepAlives.add(quiet);
    for (const left of [quiets[1]!, quiets[3]!, quiets[1]!]) keepAlives.remove(left);

    clock.advance(15_000);
    expect(spoken.toSorted()).toEqual(['a', 'c']);

    for (const quiet of quiets) keepAlives.remove(quiet);
    clock.advance(5_000);
    expect(clock.timers).toBe(0);
  });

  it('calls everybody once who is due, though some leave when they are called', () => {
    const clock = new ManualClock();
    const keepAlives = new KeepAlive(clock);
    const called: string[] = [];
    const leaving = ['a', 'b', 'c', 'd', 'e'].map((name) => {
      const quiet = {
        dueAt: 1_000,
        place: -1,
        keepAlive: () => {
          called.push(name);
          if (name !== 'c') keepAlives.remove(quiet);
          quiet.dueAt = Number.POSITIVE_INFINITY;
        },
      };
      return quiet;
    });
    for (const quiet of leaving) keepAlives.add(quiet);

    clock.advance(5_000);

    expect(called.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});
