import { isIP } from 'node:net';

import { Inject, Injectable, type OnModuleDestroy, Optional } from '@nestjs/common';
import type { Subscription } from 'rxjs';
import type { Dispatcher } from 'undici';

import { ConfigService } from '../config/index.js';
import { CLOCK, type Clock } from '../core/clock.js';
import type { Agents } from './agents.js';
import { type Resolver, systemResolver } from './resolver.js';
import { Networks } from './networks.js';
import { OutboundFailure } from './outbound-failure.js';
import { OutboundSection } from './outbound.section.js';

/** What is asked for. */
export interface OutboundRequest {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Whether the address stands in the configuration file. Any other is only asked if it is public. */
  readonly trusted: boolean;
}

/** What came back, whatever its status. A redirect is an answer as any other: it is never followed. */
export interface OutboundResponse {
  readonly status: number;
  /** By name in small letters. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** Bound where addresses are not found as the system finds them. */
export const RESOLVER = Symbol('Resolver');

/**
 * Asks for what is needed beside the data path: tokens, keys, metadata. Every answer is bounded in time and length,
 * and redirects are not followed. An address that does not stand in the configuration file has to be public.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/security_best_practices
 */
@Injectable()
export class Outbound implements OnModuleDestroy {
  private agents: Promise<Agents> | undefined;
  private networks: Networks;
  private readonly following: Subscription;

  constructor(
    private readonly config: ConfigService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Optional() @Inject(RESOLVER) private readonly resolve: Resolver = systemResolver,
  ) {
    this.networks = new Networks(this.section.allowedNetworks);
    this.following = config.changes.subscribe(() => (this.networks = new Networks(this.section.allowedNetworks)));
  }

  /**
   * Asks once, and reads the whole answer.
   *
   * @throws OutboundFailure
   */
  async request(asked: OutboundRequest): Promise<OutboundResponse> {
    const url = addressOf(asked, this.networks);
    const { timeout, maxBytes } = this.section;
    const giveUp = new AbortController();
    const patience = this.clock.after(timeout, () => giveUp.abort(new OutboundFailure('timeout')));
    try {
      const { trusted, guarded } = await (this.agents ??= this.open());
      const response = await (asked.trusted ? trusted : guarded).request({
        origin: url.origin,
        path: url.pathname + url.search,
        method: asked.method ?? 'GET',
        headers: { ...asked.headers },
        body: asked.body ?? null,
        signal: giveUp.signal,
      });
      return { status: response.statusCode, headers: response.headers, body: await read(response.body, maxBytes) };
    } catch (thrown) {
      throw OutboundFailure.from(thrown);
    } finally {
      patience.cancel();
    }
  }

  async onModuleDestroy(): Promise<void> {
    this.following.unsubscribe();
    await (await this.agents)?.close();
  }

  /** The HTTP client is large, and many gateways have nothing to ask for. */
  private async open(): Promise<Agents> {
    const { Agents } = await import('./agents.js');
    return new Agents(() => this.networks, this.resolve);
  }

  private get section(): OutboundSection {
    return this.config.get(OutboundSection);
  }
}

/** Parsed once: what is judged is what is connected to. */
function addressOf({ url: text, trusted }: OutboundRequest, networks: Networks): URL {
  if (!URL.canParse(text)) throw new OutboundFailure('address');
  const url = new URL(text);
  const isPlain = url.protocol === 'http:';
  if ((!isPlain && url.protocol !== 'https:') || url.username !== '' || url.password !== '') {
    throw new OutboundFailure('address');
  }
  // Of a name it is known once it was resolved.
  const literal = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  if (!trusted && isIP(literal) !== 0 && !networks.permits(literal, isPlain)) throw new OutboundFailure('refused');
  return url;
}

async function read(body: Dispatcher.ResponseData['body'], maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length;
    // Whoever stops reading breaks the connection off.
    if (length > maxBytes) throw new OutboundFailure('too_large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}
