import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

import { Authority } from '../../../../../test/support/certificates.js';
import { Asked, replyOf } from '../../../../../test/support/asked-over-http.js';
import { until } from '../../../../../test/support/until.js';
import { Dialer } from './dialer.js';
import { HttpPool } from './http-pool.js';

describe('HttpPool', () => {
  let server: Server;
  let sockets: Socket[];
  let heard: string[];
  /** What the server does with a request, told on which of its connections it came. */
  let answer: (socket: Socket, text: string) => void;
  let pool: HttpPool;

  beforeEach(async () => {
    sockets = [];
    heard = [];
    answer = (socket) => void socket.write(replyOf('ok'));
    server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      let text = '';
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1');
        const [head = '', body = ''] = text.split('\r\n\r\n');
        if (!text.includes('\r\n\r\n') || body.length < Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0)) return;
        heard.push(text);
        const whole = text;
        text = '';
        answer(socket, whole);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    pool = poolOf(2);
  });

  afterEach(() => {
    pool.destroy();
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  function poolOf(max: number, maxIdle = 32): HttpPool {
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return new HttpPool(new Dialer({ url, connectTimeout: 5_000, tlsOptions: undefined }), url.host, { max, maxIdle });
  }

  function ask(body: string | Buffer = 'hello', headers: Readonly<Record<string, string>> = { a: 'b' }): Asked {
    const asked = new Asked();
    pool.dispatch({ method: 'POST', path: '/mcp?x=1', headers, body: Buffer.from(body) }, asked);
    return asked;
  }

  it('writes what is asked', async () => {
    const asked = await ask().over();

    expect(asked).toMatchObject({
      started: 1,
      ended: 1,
      body: 'ok',
      head: { status: 200, length: 2 },
      error: undefined,
    });
    const { port } = server.address() as AddressInfo;
    expect(heard).toEqual([
      `POST /mcp?x=1 HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: keep-alive\r\na: b\r\ncontent-length: 5\r\n\r\nhello`,
    ]);
  });

  it('uses a connection again, and no more than it may', async () => {
    await Promise.all(Array.from({ length: 10 }, (_, at) => ask(`${at}`).over()));
    await ask().over();

    expect(sockets).toHaveLength(2);
    expect(heard).toHaveLength(11);
  });

  it('says when a request would have to wait', async () => {
    const all = [ask(), ask()];
    expect(pool.isFull).toBe(true);
    await Promise.all(all.map((asked) => asked.over()));
    expect(pool.isFull).toBe(false);
  });

  it('sends bodies of any length whole, and reads them whole', async () => {
    answer = (socket, text) => void socket.write(replyOf(text.split('\r\n\r\n')[1] ?? ''));
    for (const length of [0, 1, 16_384, 16_385, 300_000]) {
      const body = 'x'.repeat(length);
      expect((await ask(body).over()).body).toBe(body);
    }
    expect(sockets).toHaveLength(1);
  });

  it.each<Readonly<Record<string, string>>>([
    { 'a\r\nb': 'c' },
    { a: 'b\r\nc: d' },
    { a: 'b\0' },
    { '': 'b' },
    { Host: 'b' },
    { a: 'b\u0100' },
  ])('sends no header that would mean something else: %j', (headers) => {
    const asked = ask('hello', headers);
    expect(asked).toMatchObject({ started: 0, error: expect.any(TypeError) });
  });

  it('does not use a connection again that its server has closed meanwhile', async () => {
    await ask().over();
    const [first] = sockets;
    first?.end();
    await until(() => first?.closed, 'the connection to be closed');

    expect(await ask().over()).toMatchObject({ body: 'ok', error: undefined });
    expect(sockets).toHaveLength(2);
  });

  it('does not know whether a request was taken whose connection was closed without a word, and sends it once', async () => {
    await ask().over();
    answer = (socket) => void socket.destroy();
    const asked = await ask().over();

    expect(asked).toMatchObject({ started: 1, ended: 0, error: expect.any(Error) });
    expect(heard).toHaveLength(2);
  });

  it('never takes for a response what came before it was asked for', async () => {
    answer = (socket) => {
      socket.write(replyOf('ok'));
      setImmediate(() => socket.write(replyOf('not asked for')));
    };
    expect((await ask().over()).body).toBe('ok');
    await until(() => sockets[0]?.closed, 'the connection to be given up');
    answer = (socket) => void socket.write(replyOf('asked for'));
    expect((await ask().over()).body).toBe('asked for');
  });

  it('gives a connection up on which more came than was asked for', async () => {
    answer = (socket) => void socket.write(replyOf('ok') + replyOf('poison'));
    expect((await ask().over()).body).toBe('ok');
    answer = (socket) => void socket.write(replyOf('fine'));
    expect((await ask().over()).body).toBe('fine');
    expect(sockets).toHaveLength(2);
  });

  it.each(['connection: close\r\n', 'keep-alive: timeout=1\r\n'])(
    'does not keep what is not to be kept: %j',
    async (header) => {
      answer = (socket) => void socket.write(replyOf('ok', header));
      await ask().over();
      await ask().over();
      expect(sockets).toHaveLength(2);
    },
  );

  it('closes what is idle for too long', async () => {
    answer = (socket) => void socket.write(replyOf('ok', 'keep-alive: timeout=3\r\n'));
    await ask().over();
    await until(() => sockets[0]?.closed, 'the idle connection to be closed');
  });

  it('keeps so many that nobody needs, and closes those that were needed least', async () => {
    pool = poolOf(8, 2);
    answer = () => undefined;
    const all = Array.from({ length: 5 }, () => ask());
    await until(() => heard.length === 5, 'the requests');
    for (const socket of sockets) socket.write(replyOf('ok', 'keep-alive: timeout=30\r\n'));
    await Promise.all(all.map((asked) => asked.over()));
    await until(() => sockets.filter(({ closed }) => closed).length === 3, 'the surplus to be closed');

    answer = (socket) => void socket.write(replyOf('again'));
    expect((await ask().over()).body).toBe('again');
    expect(sockets).toHaveLength(5);
    expect(sockets.filter(({ closed }) => !closed)).toHaveLength(2);
  });

  it('lets go of what nobody wants while it waits for a connection, and sends nothing of it', async () => {
    pool = poolOf(1);
    answer = () => undefined;
    ask('first');
    await until(() => heard.length === 1, 'the first request');
    const body = Buffer.alloc(1_000_000, 'x');
    const unwanted = Array.from({ length: 100 }, () => ask(body));
    const wanted = ask('wanted');
    for (const asked of unwanted) asked.control?.abort(new Error('abandoned'));

    expect(unwanted.map(({ started, error }) => [started, error?.message])).toEqual(
      unwanted.map(() => [0, 'abandoned']),
    );
    answer = (socket) => void socket.write(replyOf('ok'));
    sockets[0]?.write(replyOf('ok'));
    expect((await wanted.over()).body).toBe('ok');
    expect(heard.map((text) => text.split('\r\n\r\n')[1])).toEqual(['first', 'wanted']);
  });

  it('breaks off what nobody waits for, connection and all, and the next one gets another', async () => {
    pool = poolOf(1);
    answer = () => undefined;
    const asked = ask();
    await until(() => heard.length === 1, 'the request');
    asked.control?.abort(new Error('enough'));

    expect(asked.error?.message).toBe('enough');
    await until(() => sockets[0]?.closed, 'the connection to be closed');
    answer = (socket) => void socket.write(replyOf('ok'));
    expect((await ask().over()).body).toBe('ok');
    asked.control?.abort(new Error('once more'));
    expect((await ask().over()).body).toBe('ok');
    expect(sockets).toHaveLength(2);
  });

  it('keeps a connection that was opened for what nobody waits for any more', async () => {
    pool = poolOf(1);
    const given = new Asked();
    given.onRequestStart = (control) => control.abort(new Error('nobody waits'));
    pool.dispatch({ method: 'POST', path: '/', headers: {}, body: Buffer.from('x') }, given);
    expect(await given.over()).toMatchObject({ ended: 0, error: { message: 'nobody waits' } });

    expect((await ask().over()).body).toBe('ok');
    expect(sockets).toHaveLength(1);
    expect(heard).toHaveLength(1);
  });

  it('reads nothing while it is held, and all of it afterwards', async () => {
    const asked = new Asked();
    asked.onHead = (control) => control.pause();
    pool.dispatch({ method: 'GET', path: '/', headers: {} }, asked);
    await until(() => asked.head, 'the head');
    // On another connection.
    await ask().over();
    expect(asked).toMatchObject({ body: '', ended: 0 });

    asked.control?.resume();
    expect(await asked.over()).toMatchObject({ body: 'ok', ended: 1 });
    expect((await ask().over()).body).toBe('ok');
    expect(sockets).toHaveLength(2);
  });

  it('keeps a server waiting that says more than is read', async () => {
    const asked = new Asked();
    asked.onHead = (control) => control.pause();
    answer = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 50000000\r\n\r\n');
      socket.write(Buffer.alloc(50_000_000, 'x'));
    };
    pool.dispatch({ method: 'GET', path: '/', headers: {} }, asked);
    await until(() => asked.head, 'the head');
    answer = (socket) => void socket.write(replyOf('ok'));
    await ask().over();
    expect(sockets[0]?.writableLength).toBeGreaterThan(10_000_000);
    asked.control?.resume();
    expect((await asked.over()).body).toHaveLength(50_000_000);
  });

  it('loses nothing of what a server says by TLS while it is held', async () => {
    const authority = Authority.create();
    const { cert, key } = authority.server();
    const body = Buffer.alloc(4_000_000);
    for (let at = 0; at < body.length; at += 4) body.writeUInt32BE(at, at);
    const secure = createTlsServer({ cert, key }, (socket) => {
      sockets.push(socket);
      socket
        .on('error', () => undefined)
        .once('data', () => {
          socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`);
          socket.end(body);
        });
    }).listen(0, '127.0.0.1');
    await once(secure, 'listening');
    const url = new URL(`https://127.0.0.1:${(secure.address() as AddressInfo).port}`);
    const dialer = new Dialer({
      url,
      connectTimeout: 5_000,
      tlsOptions: { ca: authority.cert, minVersion: 'TLSv1.2' },
    });
    pool = new HttpPool(dialer, url.host, { max: 1, maxIdle: 1 });
    const read: Buffer[] = [];
    const asked = new Asked();
    asked.onResponseData = (control, chunk) => {
      read.push(Buffer.from(chunk));
      control.pause();
      setImmediate(() => control.resume());
    };
    pool.dispatch({ method: 'GET', path: '/', headers: {} }, asked);
    expect(await asked.over()).toMatchObject({ ended: 1, error: undefined });
    expect(Buffer.concat(read).equals(body)).toBe(true);
    secure.close();
    authority.dispose();
  });

  it('says of a response that is none what it says of a connection that broke', async () => {
    answer = (socket) =>
      void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n');
    expect(await ask().over()).toMatchObject({ started: 1, head: undefined, error: { name: 'ResponseFault' } });
    await until(() => sockets[0]?.closed, 'the connection to be closed');
  });

  it('tells whoever it fails for when its listener does', async () => {
    const asked = new Asked();
    asked.onHead = () => {
      throw new RangeError('a mistake of ours');
    };
    pool.dispatch({ method: 'GET', path: '/', headers: {} }, asked);
    expect(await asked.over()).toMatchObject({ ended: 0, error: { name: 'RangeError' } });
  });

  it('does not use a connection again whose server answered before it had read the request', async () => {
    pool = poolOf(1);
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => {
      sockets.push(socket);
      socket
        .on('error', () => undefined)
        .once('data', () => {
          socket.pause();
          socket.write(replyOf('too much'));
        });
    });
    expect((await ask(Buffer.alloc(30_000_000)).over()).body).toBe('too much');
    await ask().over();
    expect(sockets).toHaveLength(2);
  });

  it('has sent nothing where nobody can be connected to', async () => {
    server.close();
    await once(server, 'close');
    const all = await Promise.all([ask(), ask(), ask()].map((asked) => asked.over()));
    for (const asked of all) expect(asked).toMatchObject({ started: 0, error: { code: 'ECONNREFUSED' } });
  });

  it('has sent nothing where connecting takes too long', async () => {
    // It takes the connection, and never says a word of TLS.
    const deaf = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(deaf, 'listening');
    const url = new URL(`https://127.0.0.1:${(deaf.address() as AddressInfo).port}`);
    pool = new HttpPool(new Dialer({ url, connectTimeout: 50, tlsOptions: undefined }), url.host, {
      max: 1,
      maxIdle: 1,
    });
    const asked = await ask().over();
    expect(asked).toMatchObject({ started: 0, error: { message: 'not connected in time' } });
    deaf.close();
  });

  it('closes when the last request is over, once it takes no more', async () => {
    const asked = ask();
    pool.retire();
    expect((await asked.over()).body).toBe('ok');
    await until(() => sockets[0]?.closed, 'the connection to be closed');
    expect(ask()).toMatchObject({ started: 0, error: expect.any(Error) });
  });

  it('fails whatever is under way when it is closed', async () => {
    pool = poolOf(1);
    answer = () => undefined;
    const [first, second] = [ask(), ask()];
    await until(() => heard.length === 1, 'the request');
    pool.destroy();
    expect(first).toMatchObject({ started: 1, error: expect.any(Error) });
    expect(second).toMatchObject({ started: 0, error: expect.any(Error) });
  });
});
