import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

import { Authority } from '../../test/support/certificates.js';
import { ConfigService, openConfig, TextSource } from '../config/index.js';
import { Events } from '../core/events.js';
import { systemClock } from '../system-clock.js';
import { OutboundFailure, type OutboundFault } from './outbound-failure.js';
import { Outbound, type OutboundRequest } from './outbound.js';
import { OutboundSection } from './outbound.section.js';
import type { Resolver } from './resolver.js';

/** A server that must not be asked, and counts who asks all the same, down to the connection. */
class Canary {
  connections = 0;
  requests = 0;
  readonly server: Server;

  constructor(secure?: { cert: string; key: string }) {
    const answer = (_: unknown, response: ServerResponse): void => {
      this.requests++;
      response.end('canary');
    };
    this.server = secure ? createTlsServer(secure, answer) : createServer(answer);
    this.server.on('connection', () => this.connections++);
  }

  async listen(): Promise<this> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

const opened: Outbound[] = [];

async function outbound(toml = '', resolver?: Resolver): Promise<Outbound> {
  const config = await openConfig({ source: new TextSource(toml), sections: [OutboundSection], environment: {} });
  const made = new Outbound(new ConfigService(config, new Events()), systemClock, resolver);
  opened.push(made);
  return made;
}

async function fault(asking: Promise<unknown>): Promise<OutboundFault | 'answered'> {
  try {
    await asking;
    return 'answered';
  } catch (thrown) {
    if (thrown instanceof OutboundFailure) return thrown.fault;
    throw thrown;
  }
}

afterAll(() => Promise.all(opened.map((each) => each.onModuleDestroy())));

const ONE_HOST = [
  '127.0.0.1 127.1 127.0.1 2130706433 0x7f000001 0x7f.0.0.1 0177.0.0.1 017700000001 127.0.0.1.',
  '127.000.000.001 [::1] [::] 0.0.0.0 0 [::ffff:7f00:1] [::ffff:127.0.0.1] [0:0:0:0:0:ffff:7f00:0001]',
  '[64:ff9b::7f00:1] [::127.0.0.1] [2002:7f00:1::] localhost LOCALHOST １２７.０.０.１ ①②⑦.⓪.⓪.① 127。0。0。1',
  '%31%32%37.0.0.1 127.127.127.127 0x7F.1',
].flatMap((line) => line.split(' '));

describe('Outbound', () => {
  let canary: Canary;
  let secure: Canary;
  let authority: Authority;

  beforeAll(async () => {
    authority = Authority.create();
    canary = await new Canary().listen();
    secure = await new Canary(authority.server()).listen();
  });

  afterAll(() => {
    canary.close();
    secure.close();
    authority.dispose();
  });

  afterEach(() => {
    const { connections, requests } = canary;
    Object.assign(canary, { connections: 0, requests: 0 });
    expect([connections, requests]).toEqual([0, 0]);
    expect([secure.connections, secure.requests]).toEqual([0, 0]);
  });

  it.each(ONE_HOST)('does not connect to this machine by the name of %s', async (host) => {
    const asking = await outbound();
    expect(await fault(asking.request({ url: `https://${host}:${secure.port}/`, trusted: false }))).toBe('refused');
    expect(await fault(asking.request({ url: `http://${host}:${canary.port}/`, trusted: false }))).toBe('refused');
  });

  it('does not connect to this machine by a name that not every system knows', async () => {
    const asking = await outbound();
    const asked = fault(asking.request({ url: `https://localhost.:${secure.port}/`, trusted: false }));
    expect(await asked).toMatch(/refused|unreachable/);
  });

  it.each(['169.254.169.254', '10.0.0.1', '192.168.0.1', '100.64.0.1', '[fe80::1]', '[fd00:ec2::254]'])(
    'does not connect to %s in an inner network',
    async (host) => {
      expect(await fault((await outbound()).request({ url: `https://${host}/latest`, trusted: false }))).toBe(
        'refused',
      );
    },
  );

  it.each(['ftp://a.example/', 'file:///etc/passwd', 'javascript:1', 'not a url', 'https://user:secret@a.example/'])(
    'asks nothing of %s',
    async (url) => {
      expect(await fault((await outbound()).request({ url, trusted: false }))).toBe('address');
    },
  );

  it('does not connect to a name of which any address is not public', async () => {
    const resolver: Resolver = () =>
      Promise.resolve([
        { address: '8.8.8.8', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ]);
    const asking = await outbound('', resolver);
    expect(await fault(asking.request({ url: `https://both.example:${secure.port}/`, trusted: false }))).toBe(
      'refused',
    );
  });

  it('does not connect to a name that was rebound after it was judged', async () => {
    let asked = 0;
    const resolver: Resolver = () =>
      Promise.resolve([{ address: ++asked === 1 ? '192.0.2.1' : '127.0.0.1', family: 4 }]);
    const asking = await outbound('[outbound]\nallowed_networks = ["192.0.2.0/24"]\ntimeout = "100ms"', resolver);
    expect(await fault(asking.request({ url: `https://rebound.example:${secure.port}/`, trusted: false }))).toMatch(
      /timeout|unreachable/,
    );
    expect(asked).toBe(1);
  });

  it('speaks plain text to nobody but this machine, whatever is allowed', async () => {
    const resolver: Resolver = () => Promise.resolve([{ address: '8.8.8.8', family: 4 }]);
    const asking = await outbound('[outbound]\nallowed_networks = ["8.8.8.0/24"]', resolver);
    expect(await fault(asking.request({ url: 'http://public.example/', trusted: false }))).toBe('refused');
  });
});

describe('Outbound, where it may ask', () => {
  let answer: (response: ServerResponse) => void;
  let server: Server;
  let url: string;
  let asked = 0;

  beforeAll(async () => {
    server = createServer((_, response) => {
      asked++;
      answer(response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const allowed = '[outbound]\nallowed_networks = ["127.0.0.0/8"]\n';
  const get = (trusted: boolean): OutboundRequest => ({ url, trusted });

  it('asks what stands in the file, wherever it is', async () => {
    answer = (response) => response.writeHead(201, { 'x-one': '1' }).end('here');
    const { status, headers, body } = await (await outbound()).request(get(true));
    expect([status, headers['x-one'], body.toString()]).toEqual([201, '1', 'here']);
  });

  it('asks what is allowed, on the very address that a name was resolved to', async () => {
    answer = (response) => response.end('here');
    const names: string[] = [];
    const asking = await outbound(allowed, (name) => {
      names.push(name);
      return Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
    });
    const named = url.replace('127.0.0.1', 'inside.example');
    expect((await asking.request({ url: named, trusted: false })).body.toString()).toBe('here');
    expect(names).toEqual(['inside.example']);
  });

  it('does not reuse a connection that was opened for what stands in the file', async () => {
    answer = (response) => response.end('here');
    const asking = await outbound();
    await asking.request(get(true));
    expect(await fault(asking.request(get(false)))).toBe('refused');
  });

  it('does not follow redirects', async () => {
    asked = 0;
    answer = (response) => response.writeHead(302, { location: url }).end();
    expect((await (await outbound()).request(get(true))).status).toBe(302);
    expect(asked).toBe(1);
  });

  it('reads no more than it may, however long the answer says it is', async () => {
    answer = (response) => void response.end(Buffer.alloc(2_000));
    expect(await fault((await outbound('[outbound]\nmax_bytes = 1024')).request(get(true)))).toBe('too_large');
  });

  it('waits no longer than it may, before the answer and in the middle of it', async () => {
    const asking = await outbound('[outbound]\ntimeout = "50ms"');
    answer = () => undefined;
    expect(await fault(asking.request(get(true)))).toBe('timeout');
    answer = (response) => void response.write('begun');
    expect(await fault(asking.request(get(true)))).toBe('timeout');
  });

  it('says that nobody is there without saying where', async () => {
    const asking = (await outbound()).request({ url: 'http://127.0.0.1:1/secret', trusted: true });
    await expect(asking).rejects.toThrow('the address could not be reached');
  });
});
