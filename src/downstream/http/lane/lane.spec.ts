import { once } from 'node:events';
import { PassThrough, pipeline, Readable, type Writable } from 'node:stream';
import { connect as connectTls } from 'node:tls';

import { Authority } from '../../../../test/support/certificates.js';
import { LaneBench, LaneClient, MAX_BODY_BYTES, plainPost } from '../../../../test/support/lane-bench.js';
import { readBody } from '../body.js';
import type { HttpRequest, HttpResponse } from '../http-message.js';
import { sendJson } from '../refusal.js';

interface Arrived {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  body: string | undefined;
}

describe('the lane', () => {
  let bench: LaneBench;
  let arrived: Arrived[] = [];
  /** What is done with a request once its body is there. */
  let whole: (body: string, response: HttpResponse) => void;

  const start = async (options?: Parameters<typeof LaneBench.start>[1]): Promise<void> => {
    bench = await LaneBench.start((request, response) => {
      const each: Arrived = { request, response, body: undefined };
      arrived.push(each);
      if (request.headers['x-refused'] !== undefined) return sendJson(response, 401, Buffer.from('"who"'));
      const bounds = { maxBytes: MAX_BODY_BYTES, exceeded: () => undefined };
      readBody(request, response, bounds, (body) => whole((each.body = body.toString()), response));
    }, options);
  };
  const echo = (body: string, response: HttpResponse): void => sendJson(response, 200, Buffer.from(`<${body}>`));

  beforeEach(() => {
    arrived = [];
    whole = echo;
  });
  afterEach(() => bench.stop());

  it('answers plain POSTs, one after the other on one connection', async () => {
    await start();
    const client = bench.connect();
    for (const body of ['a', 'bb', 'a', 'ccc', '']) {
      client.say(plainPost(body));
      await client.hears(`<${body}>`);
      client.heard = '';
    }
    expect(bench.came).toEqual({ lane: 5, server: 0 });
    expect(arrived.map(({ request }) => request.headers['content-length'])).toEqual(['1', '2', '1', '3', '0']);
    expect(arrived[3]!.request.rawHeaders).toEqual(['Host', 'localhost', 'Content-Length', '3']);
  });

  it('answers what was sent in a row in its order, the next when the one before is answered', async () => {
    await start();
    const waiting: HttpResponse[] = [];
    whole = (_, response) => waiting.push(response);
    const client = bench.connect();
    client.say(plainPost('a') + plainPost('b') + plainPost('c').slice(0, -1));
    await vi.waitUntil(() => waiting.length === 1);
    client.say('cGET /other HTTP/1.1\r\nHost: localhost\r\n\r\n'.slice(0, 5));
    for (const name of ['a', 'b', 'c']) {
      await vi.waitUntil(() => waiting.length === 1);
      expect(arrived.at(-1)?.body).toBe(name);
      echo(name, waiting.pop()!);
      await client.hears(`<${name}>`);
    }
    whole = echo;
    client.say(' /other HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await client.hears('<>');
    expect(bench.came).toEqual({ lane: 3, server: 1 });
  });

  it('waits for half a head, and for half a body', async () => {
    await start();
    const client = bench.connect();
    const post = plainPost('hello');
    for (const piece of [post.slice(0, 3), post.slice(3, 40), post.slice(40, -3)]) {
      client.say(piece);
      await new Promise(setImmediate);
    }
    await vi.waitUntil(() => arrived.length === 1);
    expect(arrived[0]!.body).toBeUndefined();
    client.say(post.slice(-3));
    await client.hears('<hello>');
    expect(bench.came).toEqual({ lane: 1, server: 0 });
  });

  it('takes large bodies, and sends large replies', async () => {
    await start();
    const client = bench.connect();
    for (const size of [10_000, 100_000, 1_000_000]) {
      const body = 'x'.repeat(size);
      client.say(plainPost(body));
      await client.hears(`<${body}>`);
      client.heard = '';
    }
    expect(bench.came).toEqual({ lane: 3, server: 0 });
  });

  it('says when a client reads slowly, and when it has caught up', async () => {
    await start();
    let drained = 0;
    whole = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.on('drain', () => drained++);
      // More than the system takes.
      for (let count = 0; count < 32; count++) response.write(Buffer.alloc(1_048_576, 'x'));
      expect(response.writableNeedDrain).toBe(true);
      expect(response.writableLength).toBeGreaterThan(0);
    };
    const client = bench.connect();
    client.socket.pause();
    client.say(plainPost('a'));
    await vi.waitUntil(() => arrived[0]?.body === 'a');
    expect(drained).toBe(0);
    client.socket.resume();
    await vi.waitUntil(() => drained === 1);
    const { response } = arrived[0]!;
    const left = once(response as never, 'close');
    response.end();
    await Promise.all([left, client.hears('\r\n0\r\n\r\n')]);
    expect(response.destroyed).toBe(true);
    client.say(plainPost('b'));
    await vi.waitUntil(() => arrived.length === 2);
  });

  it('takes what is piped into it, and lets the source know when the client leaves', async () => {
    await start();
    const source = new PassThrough();
    whole = (body, response) => {
      response.writeHead(200, body === 'sized' ? { 'content-length': 18 } : { 'content-type': 'text/event-stream' });
      response.on('error', () => undefined);
      const from = body === 'more' ? source : Readable.from([Buffer.from('data: 1\n\n'), Buffer.from('data: 2\n\n')]);
      pipeline(from, response as unknown as Writable, () => undefined);
    };
    const client = bench.connect();
    client.say(plainPost('all'));
    await client.hears('data: 2\n\n\r\n0\r\n\r\n');
    client.say(plainPost('sized'));
    await client.hears('\r\n\r\ndata: 1\n\ndata: 2\n\n');
    client.say(plainPost('more'));
    source.write('data: 3\n\n');
    await client.hears('data: 3\n\n');
    client.socket.destroy();
    await vi.waitUntil(() => source.destroyed);
  });

  it('leaves the rest of a body that nobody wanted, and goes on behind it', async () => {
    await start();
    const client = bench.connect();
    const refused = plainPost('y'.repeat(200_000), 'X-Refused: 1\r\n');
    client.say(refused.slice(0, 1_000));
    await client.hears('"who"');
    client.say(refused.slice(1_000) + plainPost('next'));
    await client.hears('<next>');
    expect(bench.came).toEqual({ lane: 2, server: 0 });
  });

  it('tells handlers of a client that leaves, in the middle of its body or before the reply', async () => {
    await start();
    whole = () => undefined;
    for (const bytes of [plainPost('hello').slice(0, -1), plainPost('hello')]) {
      const client = bench.connect();
      client.say(bytes);
      await vi.waitUntil(() => arrived.length === 1);
      const { response } = arrived[0]!;
      const left = once(response as never, 'close');
      client.socket.resetAndDestroy();
      await left;
      expect(response.destroyed).toBe(true);
      sendJson(response, 200, Buffer.from('{}'));
      arrived.length = 0;
    }
  });

  it('ends the connection where the handler wants it, and at the last request that may come', async () => {
    await start();
    whole = (body, response) => {
      response.shouldKeepAlive = body !== 'last';
      echo(body, response);
    };
    const told = bench.connect();
    told.say(plainPost('last') + plainPost('never'));
    await told.closed();
    expect(told.heard).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*\r\nConnection: close\r\n\r\n<last>$/);
    whole = echo;
    bench.server.maxRequestsPerSocket = 2;
    const counted = bench.connect();
    counted.say(plainPost('a') + plainPost('b') + plainPost('c'));
    await counted.closed();
    expect(counted.heard).toMatch(/Connection: keep-alive[^]*Connection: close\r\n\r\n<b>$/);
    expect(arrived.map(({ body }) => body)).toEqual(['last', 'a', 'b']);
  });

  it.each([
    ['another method', 'PUT /mcp HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi'],
    ['a body in chunks', 'POST /mcp HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n'],
    ['an expectation', 'POST /mcp HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi'],
    ['the end of the connection', 'POST /mcp HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi'],
    ['a name twice', 'POST /mcp HTTP/1.1\r\nHost: h\r\nX: 1\r\nx: 2\r\nContent-Length: 2\r\n\r\nhi'],
    ['a tab', 'POST /mcp HTTP/1.1\r\nHost: h\r\nX:\t1\r\nContent-Length: 2\r\n\r\nhi'],
    ['HTTP/1.0', 'POST /mcp HTTP/1.0\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi'],
    ['another path', 'POST /mcpx HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi'],
    ['headers beyond its bounds', plainPost('hi', `X: ${'y'.repeat(9_000)}\r\n`)],
  ])('hands a connection over with %s, first or behind others, for good', async (_, bytes) => {
    await start();
    for (const before of [0, 1]) {
      bench.came.lane = bench.came.server = 0;
      const client = bench.connect();
      client.say(plainPost('a').repeat(before) + bytes.slice(0, -1));
      client.say(bytes.slice(-1));
      await client.hears('<hi>');
      if (!/close|1\.0/.test(bytes)) {
        client.say(plainPost('b'));
        await client.hears('<b>');
        expect(bench.came).toEqual({ lane: before, server: 2 });
      } else await client.closed();
    }
  });

  it('gives up who sends nothing, half a head or half a body, and who is idle for too long', async () => {
    await start({ times: { headersTimeout: 50, requestTimeout: 100, keepaliveTimeout: 50 } });
    const late = ['', 'POST /mcp', plainPost('hello').slice(0, -1)].map((bytes) => {
      const client = bench.connect();
      client.say(bytes);
      return client;
    });
    const idle = bench.connect();
    idle.say(plainPost('a'));
    await idle.hears('<a>');
    for (const client of late) {
      await client.closed();
      expect(client.heard).toBe('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n');
    }
    await idle.closed();
    expect(idle.heard).not.toContain('408');
    expect(bench.came).toEqual({ lane: 2, server: 0 });
  });

  it('closes with the server: who is idle at once, who waits for a reply in the end', async () => {
    await start();
    const [idle, busy] = [bench.connect(), bench.connect()];
    idle.say(plainPost('a'));
    await idle.hears('<a>');
    whole = () => undefined;
    busy.say(plainPost('b'));
    await vi.waitUntil(() => arrived[1]?.body === 'b');
    bench.server.closeIdleConnections();
    await idle.closed();
    expect(busy.isClosed).toBe(false);
    echo('b', arrived[1]!.response);
    await busy.hears('<b>');
    whole = echo;
    busy.say(plainPost('c'));
    await busy.hears('<c>');
    bench.server.closeAllConnections();
    await busy.closed();
  });

  it('is there over TLS as well', async () => {
    const authority = Authority.create();
    const { cert, key } = authority.server();
    await start({ tls: { cert, key } });
    const client = new LaneClient(connectTls({ port: bench.port, host: '127.0.0.1', rejectUnauthorized: false }));
    client.say(plainPost('a'));
    await client.hears('<a>');
    client.say('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await client.hears('<>');
    expect(bench.came).toEqual({ lane: 1, server: 1 });
    client.socket.destroy();
    authority.dispose();
  });
});
