import type { IncomingHttpHeaders } from 'node:http';

import { Injectable } from '@nestjs/common';

import { ConfigService } from '../config/index.js';
import { isLoopbackHost } from '../core/loopback.js';
import { Violation } from '../protocol/index.js';
import { Cors } from './cors/cors.js';
import { isLoopbackBind } from './exposure.js';
import { SecuritySection } from '../auth/index.js';
import { ServerSection } from './server.section.js';

/** Which names and origins are let in. */
export interface OriginRules {
  /** False where the gateway listens for others and nobody said by which names. */
  readonly checkHost: boolean;
  readonly loopback: boolean;
  readonly hosts: ReadonlySet<string>;
  readonly origins: ReadonlySet<string>;
}

export function originRules(server: Pick<ServerSection, 'host'>, security: SecuritySection): OriginRules {
  const hosts = security.allowedHosts.map((host) => host.toLowerCase());
  if (security.publicUrl !== undefined && URL.canParse(security.publicUrl)) {
    hosts.push(new URL(security.publicUrl).host.toLowerCase());
  }
  const loopback = isLoopbackBind(server.host);
  return {
    checkHost: loopback || hosts.length > 0,
    loopback,
    hosts: new Set(hosts),
    origins: new Set(security.allowedOrigins),
  };
}

/**
 * Guards against DNS rebinding: whether a request addresses the gateway by one of its names. Names come
 * with any port unless the configuration says one.
 */
export function isHostAllowed(host: string | undefined, rules: OriginRules): boolean {
  if (!rules.checkHost) return true;
  if (host === undefined) return false;
  if (rules.loopback && isLoopbackHost(host)) return true;
  const written = host.toLowerCase();
  return rules.hosts.has(written) || rules.hosts.has(written.replace(/:\d{1,5}$/, ''));
}

/**
 * Guards against pages of other origins, and must be asked after the host: absent is fine (no browser),
 * so is the gateway's own origin under a name that was checked; everything else must be listed, to the letter.
 */
export function isOriginAllowed({ origin, host }: IncomingHttpHeaders, rules: OriginRules): boolean {
  if (origin === undefined || rules.origins.has(origin)) return true;
  if (!rules.checkHost || host === undefined) return false;
  const own = host.toLowerCase();
  return origin === `http://${own}` || origin === `https://${own}`;
}

/** The rules of the running configuration. */
@Injectable()
export class OriginGuard {
  private rules: OriginRules;
  /** Those of other addresses that we are bound to. */
  private others = new Map<string, OriginRules>();

  constructor(
    private readonly config: ConfigService,
    private readonly crossOrigin: Cors,
  ) {
    const server = config.get(ServerSection);
    this.rules = originRules(server, config.get(SecuritySection));
    config.changes.subscribe(({ next }) => {
      this.rules = originRules(server, next.get(SecuritySection));
      this.others.clear();
    });
  }

  /**
   * Why the request is refused: `host_refused` or `origin_refused`. Undefined when it may pass.
   *
   * @param cors whether origins that CORS allows may pass: not where CORS is not spoken
   * @param bound the address that it came in by, where that is not that of [server]
   */
  refusal(
    headers: IncomingHttpHeaders,
    { cors = true, bound }: { cors?: boolean; bound?: string } = {},
  ): Violation | undefined {
    const rules = bound === undefined ? this.rules : this.rulesOf(bound);
    if (!isHostAllowed(headers.host, rules)) return new Violation('host', 'this gateway is not known by that Host');
    if (isOriginAllowed(headers, rules)) return undefined;
    const { origin } = headers;
    if (cors && origin !== undefined && this.crossOrigin.allows(origin)) return undefined;
    return new Violation('origin', 'this Origin is not allowed');
  }

  private rulesOf(host: string): OriginRules {
    const known = this.others.get(host) ?? originRules({ host }, this.config.get(SecuritySection));
    this.others.set(host, known);
    return known;
  }
}
