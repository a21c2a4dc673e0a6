import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

import { WebSocket } from 'ws';

import { EXAMPLE, gather, statusesOf, Target } from '../hostile/support/target.ts';
import { Authority } from '../support/certificates.ts';
import { until } from '../support/until.ts';

/** Where the trusted proxy of these tests sits; clients of their own come from 127.0.0.1. */
const PROXY = '127.0.0.2';
const TRUSTED = `trusted_proxies = ["${PROXY}", "10.0.0.0/8", "2001:db8::/32"]\n`;

interface Connections {
  readonly connections: readonly { readonly client_address: string }[];
}

describe('a gateway behind proxies', () => {
  let target: Target;

  beforeAll(async () => {
    target = await Target.start(
      `${EXAMPLE}[security]\nallowed_hosts = ["gw.example"]\n[security.headers]\nhsts = "proxy"\n`,
      TRUSTED,
    );
  });
  afterEach(() => target.unharmed());
  afterAll(() => target?.stop());

  /** The address that a WebSocket client is listed with. */
  async function seenAs(headers: Record<string, string>, localAddress = PROXY): Promise<string> {
    const known = await addresses();
    const options = { headers, localAddress };
    const socket = new WebSocket(`ws://127.0.0.1:${target.port}/mcp`, ['mcp'], options);
    await once(socket, 'open');
    const seen = await until(async () => (await addresses()).find((one, index) => one !== known[index]), 'the client');
    socket.terminate();
    await until(async () => (await addresses()).length === known.length, 'its end');
    return seen;
  }

  const addresses = async (): Promise<string[]> => {
    const { connections } = await target.gateway.json<Connections & Record<string, unknown>>('/api/v1/connections');
    return connections.map(({ client_address }) => client_address);
  };

  it.each([
    ['one client', '203.0.113.9', '203.0.113.9'],
    ['what a client claims beyond itself', '1.2.3.4, 203.0.113.9', '203.0.113.9'],
    ['trusted proxies in between', '203.0.113.9, 10.1.2.3, 10.9.9.9', '203.0.113.9'],
    ['nothing but proxies', '10.1.1.1, 10.2.2.2', '10.1.1.1'],
    ['a port', '203.0.113.9:4711', '203.0.113.9'],
    ['IPv6', '2001:DB9:0::1', '2001:db9::1'],
    ['IPv6 with a port', '[2001:db9::1]:4711', '2001:db9::1'],
    ['IPv4 in IPv6', '::ffff:203.0.113.9', '203.0.113.9'],
    ['junk', 'unknown', PROXY],
    ['junk behind a proxy', 'evil, 10.1.1.1', PROXY],
    ['junk that nobody has to believe', '<script>, 203.0.113.9', '203.0.113.9'],
    ['a zone', 'fe80::1%eth0', PROXY],
    ['nothing', '', PROXY],
    ['too many', Array(40).fill('10.0.0.1').join(','), PROXY],
  ])('finds the client in X-Forwarded-For with %s', async (_, header, client) => {
    expect(await seenAs({ 'x-forwarded-for': header })).toBe(client);
  });

  it('reads it from nobody else, and nothing else from a proxy', async () => {
    expect(await seenAs({ 'x-forwarded-for': '203.0.113.9' }, '127.0.0.3')).toBe('127.0.0.3');
    const others = {
      'x-real-ip': '1.1.1.1',
      forwarded: 'for=2.2.2.2',
      'x-client-ip': '3.3.3.3',
      'x-forwarded-user': 'root',
    };
    expect(await seenAs(others)).toBe(PROXY);
  });

  it('promises https to browsers when a proxy says that it spoke it, and only then', async () => {
    const hsts = async (localAddress: string, proto: string): Promise<unknown> => {
      const headers = { host: 'gw.example', 'x-forwarded-proto': proto };
      const asked = request({
        port: target.port,
        host: '127.0.0.1',
        path: '/mcp',
        localAddress,
        headers,
        agent: false,
      });
      const [response] = (await once(asked.end(), 'response')) as [IncomingMessage];
      response.resume();
      return response.headers['strict-transport-security'];
    };
    expect(await hsts(PROXY, 'https')).toMatch(/^max-age=\d+$/);
    expect(await hsts(PROXY, 'https, http')).toBe(undefined);
    expect(await hsts('127.0.0.1', 'https')).toBe(undefined);
  });
});

describe.each(['http', 'https'])('the PROXY protocol before %s', (scheme) => {
  const authority = Authority.create().trust();
  let target: Target;

  beforeAll(async () => {
    const { certFile, keyFile } = authority.server();
    const tls = scheme === 'https' ? `[server.tls]\ncert_file = "${certFile}"\nkey_file = "${keyFile}"\n` : '';
    target = await Target.start(EXAMPLE + tls, `${TRUSTED}proxy_protocol = true\nheaders_timeout = "1s"\n`);
  });
  afterEach(() => target.unharmed());
  afterAll(async () => {
    await target?.stop();
    authority.dispose();
  });

  const open = async (localAddress = PROXY): Promise<Socket> => {
    const socket = connect({ port: target.port, host: '127.0.0.1', localAddress });
    await once(socket, 'connect');
    return socket;
  };

  /** What is heard after these bytes, and TLS where it is spoken. */
  async function after(prefix: readonly (string | Buffer)[], localAddress = PROXY): Promise<Socket> {
    const socket = await open(localAddress);
    for (const part of prefix) {
      socket.write(part);
      await new Promise(setImmediate);
    }
    return scheme === 'https' ? connectTls({ socket, host: '127.0.0.1' }) : socket;
  }

  const HELLO =
    'GET /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mcp\r\n';

  const v2 = (command: number, family: number, addresses: number[], more: Buffer = Buffer.alloc(0)): Buffer => {
    const length = addresses.length + more.length;
    const head = [0x20 | command, family, length >> 8, length & 0xff];
    return Buffer.concat([Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'), Buffer.from([...head, ...addresses]), more]);
  };
  const V4 = [203, 0, 113, 7, 127, 0, 0, 1, 0x12, 0x34, 0x1f, 0x90];
  const V6 = [...Buffer.from('20010db9000000000000000000000007', 'hex'), ...Array<number>(16).fill(0), 1, 2, 3, 4];

  it.each<[string, (string | Buffer)[], string]>([
    ['version 1', ['PROXY TCP4 203.0.113.7 127.0.0.1 4660 8080\r\n'], '203.0.113.7'],
    ['version 1 for IPv6', ['PROXY TCP6 2001:db9:0::7 ::1 4660 8080\r\n'], '2001:db9::7'],
    ['version 1 in pieces', 'PROXY TCP4 203.0.113.7 127.0.0.1 1 2\r\n'.split(''), '203.0.113.7'],
    ['version 1 of the proxy itself', ['PROXY UNKNOWN\r\n'], PROXY],
    ['version 2', [v2(1, 0x11, V4)], '203.0.113.7'],
    ['version 2 for IPv6 with more', [v2(1, 0x21, V6, Buffer.alloc(400, 4))], '2001:db9::7'],
    ['version 2 in pieces', Array.from(v2(1, 0x11, V4), (byte) => Buffer.from([byte])), '203.0.113.7'],
    ['version 2 of the proxy itself', [v2(0, 0, [])], PROXY],
  ])('takes the client from %s', async (_, prefix, client) => {
    const socket = await after(prefix);
    socket.write(`${HELLO}\r\n`);
    const seen = await until(async () => {
      const { connections } = await target.gateway.json<Connections & Record<string, unknown>>('/api/v1/connections');
      return connections.map(({ client_address }) => client_address).find((one) => one !== '127.0.0.1');
    }, 'the client');
    expect(seen).toBe(client);
    socket.destroy();
    await until(async () => {
      const { connections } = await target.gateway.json<Connections & Record<string, unknown>>('/api/v1/connections');
      return connections.length === 1;
    }, 'its end');
  });

  it('takes the header and what follows from one packet', async () => {
    if (scheme === 'https') return;
    const ask = 'GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
    const socket = await open();
    socket.write(`PROXY TCP4 203.0.113.7 127.0.0.1 4660 8080\r\n${ask}`);
    expect(statusesOf((await gather(socket, 2_000)).text)).toEqual([200]);
  });

  it.each<[string, string | Buffer]>([
    ['no header', 'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['nothing', ''],
    ['half a header', 'PROXY TCP4 203.0.113.7'],
    ['a line without end', `PROXY ${'x'.repeat(200)}`],
    ['an address of the other family', 'PROXY TCP4 ::1 ::1 1 2\r\n'],
    ['no address', 'PROXY TCP4 evil 127.0.0.1 1 2\r\n'],
    ['a port too large', 'PROXY TCP4 1.2.3.4 127.0.0.1 65536 2\r\n'],
    ['a version of its own', Buffer.concat([v2(1, 0x11, V4).subarray(0, 12), Buffer.from([0x31, 0x11, 0, 0])])],
    ['more than is taken', v2(1, 0x11, V4, Buffer.alloc(600))],
    ['too little for an address', v2(1, 0x21, V4)],
  ])('closes a connection of a proxy with %s', async (_, bytes) => {
    const socket = await open();
    if (bytes.length > 0) socket.write(bytes);
    expect(await gather(socket, 5_000)).toEqual({ text: '', closed: true });
  });

  it('believes the header of nobody else', async () => {
    const socket = await open('127.0.0.3');
    socket.write('PROXY TCP4 203.0.113.7 127.0.0.1 4660 8080\r\nGET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const { text, closed } = await gather(socket, 2_000);
    expect(statusesOf(text)).not.toContain(200);
    expect(closed).toBe(true);
  });
});
