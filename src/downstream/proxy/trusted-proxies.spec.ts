import type { IncomingMessage } from 'node:http';

import { clientAddressOf, isSecure } from '../../core/client-connection.js';
import { ServerSection } from '../server.section.js';
import { proxyProblems, TrustedProxies } from './trusted-proxies.js';

const settings = (keys: Partial<ServerSection>): ServerSection => Object.assign(new ServerSection(), keys);

/** What is known of the client of a request, after proxies were looked through. */
function clientOf(keys: Partial<ServerSection>, remoteAddress: string, headers: Record<string, string> = {}): object {
  const request = { socket: { remoteAddress }, headers } as unknown as IncomingMessage;
  TrustedProxies.of(settings(keys))?.note(request);
  return { address: clientAddressOf(request), secure: isSecure(request) };
}

describe('trusted proxies', () => {
  const trustedProxies = ['10.0.0.0/8', '::1', '2001:db8::/32'];
  const told = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' };

  it.each(['10.255.0.1', '::ffff:10.1.1.1', '::1', '2001:db8:1::1'])('are believed at %s', (address) => {
    expect(clientOf({ trustedProxies }, address, told)).toEqual({ address: '203.0.113.9', secure: true });
  });

  it.each(['11.0.0.1', '::2', '2001:db9::1', ''])('are not those at %s', (address) => {
    expect(clientOf({ trustedProxies }, address, told)).toEqual({ address, secure: false });
  });

  it('are nobody unless it is said', () => {
    expect(TrustedProxies.of(settings({}))).toBe(undefined);
    expect(clientOf({}, '127.0.0.1', told)).toEqual({ address: '127.0.0.1', secure: false });
  });

  it('write one header, and the other is the client’s', () => {
    const both = { ...told, forwarded: 'for=198.51.100.1;proto=http' };
    const read = (forwardedHeader: ServerSection['forwardedHeader']) =>
      clientOf({ trustedProxies, forwardedHeader }, '10.0.0.1', both);
    expect(read('x-forwarded-for')).toEqual({ address: '203.0.113.9', secure: true });
    expect(read('forwarded')).toEqual({ address: '198.51.100.1', secure: false });
  });

  it('may say that TLS was spoken and nothing else', () => {
    const headers = { 'x-forwarded-proto': 'https' };
    expect(clientOf({ trustedProxies }, '10.0.0.1', headers)).toEqual({ address: '10.0.0.1', secure: true });
  });

  it('are addresses or ranges', () => {
    const problems = (...written: string[]) => proxyProblems(settings({ trustedProxies: written }));
    expect(problems(...trustedProxies, '0.0.0.0/0', '::/0')).toEqual([]);
    const wrong = [
      '',
      'localhost',
      '10.0.0.0/33',
      '::/129',
      '10.0.0/8',
      '10.0.0.0/',
      '10.0.0.0/x',
      'fe80::1%eth0',
      '1.2.3.4/8/8',
    ];
    expect(problems(...wrong).map(({ key }) => key)).toEqual(wrong.map((_, at) => `server.trusted_proxies[${at}]`));
  });

  it('have to be named for PROXY headers', () => {
    expect(proxyProblems(settings({ proxyProtocol: true }))).toMatchObject([{ key: 'server.proxy_protocol' }]);
    expect(proxyProblems(settings({ proxyProtocol: true, trustedProxies }))).toEqual([]);
  });
});
