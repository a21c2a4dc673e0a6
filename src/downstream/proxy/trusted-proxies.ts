import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP, type Socket } from 'node:net';

import type { ConfigProblem } from '../../config/index.js';
import { type ClientConnection, noteConnection, plainAddress } from '../../core/client-connection.js';
import type { HttpRequest } from '../http/http-message.js';
import type { ServerSection } from '../server.section.js';
import { readForwarded, readForwardedFor, type Told } from './forwarded.js';

type ProxySettings = Pick<ServerSection, 'trustedProxies' | 'forwardedHeader' | 'proxyProtocol'>;

/** What is wrong with what is said of proxies. */
export function proxyProblems({ trustedProxies, proxyProtocol }: ProxySettings): readonly ConfigProblem[] {
  const message = 'must be an address such as "127.0.0.1", or a range such as "10.0.0.0/8"';
  const problems = trustedProxies.flatMap((written, index) =>
    rangeOf(written) ? [] : [{ key: `server.trusted_proxies[${index}]`, message }],
  );
  if (!proxyProtocol || trustedProxies.length > 0) return problems;
  return [{ key: 'server.proxy_protocol', message: 'needs trusted_proxies: nobody else may send such a header' }];
}

/**
 * The proxies that may say for whom they speak. What a request says is followed from the nearest proxy outwards for as
 * long as it comes from a trusted one; whoever is beyond is the client.
 */
export class TrustedProxies {
  private readonly list = new BlockList();
  /** What PROXY headers said of connections. */
  private readonly sources = new WeakMap<Socket, string>();

  private constructor(private readonly settings: ProxySettings) {
    for (const { network, bits, family } of settings.trustedProxies.flatMap((one) => rangeOf(one) ?? [])) {
      this.list.addSubnet(network, bits, family);
    }
  }

  /** Undefined where none is trusted: nothing has to be looked at then. */
  static of(settings: ProxySettings): TrustedProxies | undefined {
    return settings.trustedProxies.length === 0 ? undefined : new TrustedProxies(settings);
  }

  get proxyProtocol(): boolean {
    return this.settings.proxyProtocol;
  }

  includes(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && this.list.check(address, family === 4 ? 'ipv4' : 'ipv6');
  }

  /** Whose connection that is, as its PROXY header said. */
  noteSource(socket: Socket, address: string): void {
    this.sources.set(socket, address);
  }

  /** Finds out who made a request, before anybody asks. */
  note(request: HttpRequest): void {
    const { socket } = request;
    const stated = this.sources.get(socket);
    const peer = stated ?? plainAddress(socket.remoteAddress);
    const secure = 'encrypted' in socket && socket.encrypted === true;
    if (this.includes(peer)) noteConnection(request, this.beyond({ address: peer, secure }, request.headers));
    else if (stated !== undefined) noteConnection(request, { address: stated, secure });
  }

  private beyond(proxy: ClientConnection, headers: IncomingHttpHeaders): ClientConnection {
    const { addresses, scheme } = this.told(headers);
    return {
      address: this.firstStranger(proxy.address, addresses ?? []),
      secure: scheme === undefined ? proxy.secure : scheme === 'https',
    };
  }

  /** The first address that is no proxy of ours, or the farthest. What cannot be true is not believed at all. */
  private firstStranger(proxy: string, addresses: readonly (string | undefined)[]): string {
    let farthest = proxy;
    for (const address of addresses) {
      if (address === undefined) return proxy;
      farthest = address;
      if (!this.includes(address)) break;
    }
    return farthest;
  }

  private told(headers: IncomingHttpHeaders): Told {
    if (this.settings.forwardedHeader === 'forwarded') return readForwarded(headers.forwarded);
    return readForwardedFor(headers['x-forwarded-for'], headers['x-forwarded-proto']);
  }
}

interface Range {
  readonly network: string;
  readonly bits: number;
  readonly family: 'ipv4' | 'ipv6';
}

function rangeOf(written: string): Range | undefined {
  const [, network = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(written) ?? [];
  const version = network.includes('%') ? 0 : isIP(network);
  const most = version === 4 ? 32 : 128;
  const size = bits === undefined ? most : Number(bits);
  if (version === 0 || size > most) return undefined;
  return { network, bits: size, family: version === 4 ? 'ipv4' : 'ipv6' };
}
