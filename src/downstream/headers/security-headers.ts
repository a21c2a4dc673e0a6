import { Injectable } from '@nestjs/common';

import { ConfigService } from '../../config/index.js';
import { isSecure } from '../../core/client-connection.js';
import { isLoopbackHost } from '../../core/loopback.js';
import type { HttpRequest } from '../http/http-message.js';
import { HeadersSection } from './headers.section.js';

/** Names and values in turn, as `writeHead` takes them. */
export type FlatHeaders = readonly string[];

const NONE: FlatHeaders = [];

/** The headers of the running configuration, made once for each configuration and never for a request. */
@Injectable()
export class SecurityHeaders {
  private section = new HeadersSection();
  private plain = NONE;
  private strict = NONE;

  constructor(config: ConfigService) {
    this.take(config.get(HeadersSection));
    config.changes.subscribe(({ next }) => this.take(next.get(HeadersSection)));
  }

  /** Whether there are any. */
  get enabled(): boolean {
    return this.section.enabled;
  }

  /** What the answer to a request carries. */
  of(request: HttpRequest): FlatHeaders {
    return this.isStrict(request) ? this.strict : this.plain;
  }

  /** A promise of TLS is kept by whoever owns the name; that of this machine belongs to every program on it. */
  private isStrict(request: HttpRequest): boolean {
    if (this.strict === this.plain) return false;
    const own = 'encrypted' in request.socket && request.socket.encrypted === true;
    if (!own && !(this.section.hsts === 'proxy' && isSecure(request))) return false;
    return !isLoopbackHost(request.headers.host ?? '');
  }

  private take(section: HeadersSection): void {
    this.section = section;
    this.plain = section.enabled ? headersOf(section) : NONE;
    const hasHsts = section.enabled && section.hsts !== 'off';
    this.strict = hasHsts ? [...this.plain, 'strict-transport-security', hstsOf(section)] : this.plain;
  }
}

function headersOf(section: HeadersSection): FlatHeaders {
  const { contentTypeOptions, frameOptions, referrerPolicy, contentSecurityPolicy } = section;
  return [
    ...(contentTypeOptions ? ['x-content-type-options', 'nosniff'] : []),
    ...(frameOptions === 'off' ? [] : ['x-frame-options', frameOptions.toUpperCase()]),
    ...(referrerPolicy === '' ? [] : ['referrer-policy', referrerPolicy]),
    ...(contentSecurityPolicy === '' ? [] : ['content-security-policy', contentSecurityPolicy]),
  ];
}

function hstsOf({ hstsMaxAge, hstsIncludeSubdomains }: HeadersSection): string {
  const seconds = Math.floor(hstsMaxAge / 1_000);
  return `max-age=${seconds}${hstsIncludeSubdomains ? '; includeSubDomains' : ''}`;
}
