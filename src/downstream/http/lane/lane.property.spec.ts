import * as fc from 'fast-check';

import { LaneBench, plainPost } from '../../../../test/support/lane-bench.js';
import { headerProblem } from '../../request-headers.js';
import { readBody } from '../body.js';
import type { HttpRequest, HttpResponse } from '../http-message.js';
import { refuse, sendJson } from '../refusal.js';

const BODY = '{"jsonrpc":"2.0","id":1}';
const MAX_BYTES = 100_000;
const LONG = 'z'.repeat(20_000);

/** How a body says that it is to be answered. */
const ANSWERS: Readonly<Record<string, (response: HttpResponse) => void>> = {
  a: (response) => sendJson(response, 200, Buffer.from('{"a":"ä"}')),
  b: (response) => sendJson(response, 200, Buffer.from(`"${'b'.repeat(5_000)}"`)),
  c: (response) => sendJson(response, 400, Buffer.from(`"${'c'.repeat(50_000)}"`)),
  d: (response) => {
    response.setHeader('Mcp-Session-Id', 'one');
    response.setHeader('retry-after', 3);
    response.writeHead(202, { 'content-length': 0 });
    response.end();
  },
  e: (response) => {
    response.setHeader('vary', 'Origin');
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
    response.flushHeaders();
    response.write(Buffer.from('data: 1\n\n'));
    response.write(Buffer.from(`data: ${'e'.repeat(300)}\n\n`));
    response.end();
  },
  f: (response) => {
    response.shouldKeepAlive = false;
    sendJson(response, 200, Buffer.from('{}'));
  },
  g: (response) => {
    response.writeHead(204);
    response.end();
  },
  h: (response) => {
    response.writeHead(200, ['content-type', 'text/plain']);
    response.end(Buffer.from('of a length that was not told'));
  },
};

const ORIGINALS = [
  plainPost(BODY, 'Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n'),
  plainPost(BODY, 'connection: keep-alive\r\nAUTHORIZATION:Bearer x.y  \r\nX-Empty:\r\n'),
  plainPost('', 'X-Refused: 1\r\n'),
  plainPost(LONG),
  plainPost(LONG, 'X-Refused: 1\r\n'),
  `POST /mcp/crm?x=%20&y=/ HTTP/1.1\r\nhost: a\r\ncontent-length: 0${BODY.length}\r\n\r\n${BODY}`,
  `GET /mcp HTTP/1.1\r\nHost: a\r\n\r\n`,
  `POST /mcp HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{"a"\r\n0\r\n\r\n`,
  ...Object.keys(ANSWERS).map((name) => plainPost(name)),
];

/** What parsers have been misled by. */
const POISON = [
  '',
  '\r',
  '\n',
  '\r\n',
  '\r\n\r\n',
  '\0',
  ' ',
  '\t',
  ':',
  ',',
  '0',
  '1',
  '-',
  '+',
  '\x7f',
  'é',
  'POST ',
  '\r\nHost: b',
  '\r\nTransfer-Encoding: chunked',
  '\r\nContent-Length: 3',
  '\r\nConnection: close',
  '\r\nConnection: upgrade',
  '\r\nUpgrade: websocket',
  '\r\nExpect: 100-continue',
  '\r\n folded',
  '\r\nx: 1\r\nX: 2',
  '\r\nConstructor: 1',
  '\r\n__proto__: 1',
  '\r\nX_Y: 1',
  '\r\nCookie: a=b',
  '\r\nSet-Cookie: a=b',
  '\r\nTrailer: x',
  '#',
  '/..//',
  '%00',
];

const mutation = fc.record({
  // Near the beginning, where everything stands that matters.
  at: fc.oneof(fc.nat({ max: 140 }), fc.nat({ max: 30_000 })),
  cut: fc.nat({ max: 3 }),
  put: fc.constantFrom(...POISON),
});
const mutated = fc
  .tuple(fc.constantFrom(...ORIGINALS), fc.array(mutation, { maxLength: 2 }))
  .map(([original, changes]) => changes.reduce(changed, original));
const conversation = fc.record({
  before: fc.array(fc.constantFrom(...ORIGINALS), { maxLength: 2 }),
  last: fc.array(mutated, { minLength: 1, maxLength: 2 }).map((all) => all.join('')),
  cuts: fc.array(fc.nat({ max: 200 }), { maxLength: 3 }),
});

const BARE = /HTTP\/1\.1 4\d\d [A-Za-z ]+\r\nConnection: close\r\n\r\n/;
const BROKEN = new RegExp(`${BARE.source}$`);

describe('what comes by the lane', () => {
  let benches: { readonly lane: LaneBench; readonly alone: LaneBench };
  let seen: { lane: unknown[]; alone: unknown[] };

  const handler =
    (which: 'lane' | 'alone') =>
    (request: HttpRequest, response: HttpResponse): void => {
      const { method, url, headers, rawHeaders } = request;
      seen[which].push({ method, url, headers: { ...headers }, rawHeaders });
      const problem = headerProblem(request);
      if (problem) return refuse(response, problem);
      if (headers['x-refused'] !== undefined) return sendJson(response, 401, Buffer.from('"who"'));
      readBody(request, response, { maxBytes: MAX_BYTES, exceeded: () => undefined }, (body) => {
        const answer = ANSWERS[body.toString('latin1')];
        if (answer) answer(response);
        else sendJson(response, 200, Buffer.from(JSON.stringify({ url, body: body.toString('latin1') })));
      });
    };

  beforeAll(async () => {
    benches = {
      lane: await LaneBench.start(handler('lane'), { maxBodyBytes: MAX_BYTES }),
      alone: await LaneBench.start(handler('alone'), { lane: false }),
    };
  });
  afterAll(() => Promise.all([benches.lane.stop(), benches.alone.stop()]));

  /** Everything that is heard: each request is sent when the one before is answered, and behind the last is the end. */
  const heard = async (bench: LaneBench, { before, last, cuts }: Conversation): Promise<string> => {
    const client = bench.connect();
    for (const [index, bytes] of before.entries()) {
      client.say(bytes);
      await vi.waitUntil(() => client.isClosed || answers(client.heard) > index, { timeout: 10_000, interval: 1 });
    }
    for (const piece of piecesOf(last, cuts)) {
      client.say(Buffer.from(piece, 'latin1'));
      await new Promise(setImmediate);
    }
    client.socket.end();
    await client.closed();
    return client.heard.replace(/^Date: .*\r\n/gm, '');
  };

  it('is read and answered as the server would alone, in whatever pieces it comes', async () => {
    let [runs, same] = [0, 0];
    await fc.assert(
      fc.asyncProperty(conversation, async (said) => {
        seen = { lane: [], alone: [] };
        const [lane, alone] = await Promise.all([heard(benches.lane, said), heard(benches.alone, said)]);
        // What stands behind a last request is seen by the server, and never answered.
        expect(seen.lane).toEqual(seen.alone.slice(0, seen.lane.length));
        if (seen.lane.length < seen.alone.length) expect(lane).toContain('Connection: close');
        runs++;
        if (lane === alone) same++;
        else related(lane, alone);
      }),
      { numRuns: 400 },
    );
    expect(same / runs).toBeGreaterThan(0.8);
    expect(benches.lane.came.lane).toBeGreaterThan(100);
    expect(benches.lane.came.server).toBeGreaterThan(20);
  });
});

type Conversation = typeof conversation extends fc.Arbitrary<infer T> ? T : never;

function changed(text: string, { at, cut, put }: { at: number; cut: number; put: string }): string {
  const from = at % (text.length + 1);
  return text.slice(0, from) + put + text.slice(from + cut);
}

function piecesOf(text: string, cuts: readonly number[]): readonly string[] {
  const places = [...new Set([0, ...cuts.filter((at) => at < text.length), text.length])].sort((a, b) => a - b);
  return places.slice(1).map((to, index) => text.slice(places[index], to));
}

/**
 * What is broken behind a message that came with it is told before that is answered, after it, or not at all: that
 * depends on how the server came by the bytes. And nothing is read behind what is answered for the last time.
 */
function related(lane: string, alone: string): void {
  expect(lane + alone).toMatch(BARE);
  const [one, other] = [lane, alone].map((text) => text.replace(BROKEN, '')) as [string, string];
  expect(one.startsWith(other) || other.startsWith(one)).toBe(true);
}

/** How many whole answers these bytes are. */
function answers(text: string): number {
  let count = 0;
  for (let rest = text; ; count++) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) return count;
    const head = rest.slice(0, end);
    const length = /content-length: (\d+)/i.exec(head)?.[1];
    const body = rest.slice(end + 4);
    if (/transfer-encoding/i.test(head)) {
      const last = body.indexOf('0\r\n\r\n');
      if (last < 0) return count;
      rest = body.slice(last + 5);
    } else {
      if (body.length < Number(length ?? 0)) return count;
      rest = body.slice(Number(length ?? 0));
    }
  }
}
