import { Injectable } from '@nestjs/common';

import { ConfigService } from '../../config/index.js';
import type { HttpRequest, HttpResponse } from '../http/http-message.js';
import { CorsRules } from './cors-rules.js';
import { CorsSection } from './cors.section.js';

/** CORS as the running configuration wants it. */
@Injectable()
export class Cors {
  private rules: CorsRules | undefined;

  constructor(config: ConfigService) {
    config.addCheck((next) => corsProblems(next.get(CorsSection)));
    this.take(config.get(CorsSection));
    config.changes.subscribe(({ next }) => this.take(next.get(CorsSection)));
  }

  /** Whether anything has to be done. */
  get enabled(): boolean {
    return this.rules !== undefined;
  }

  /** Whether pages of that origin may use the MCP endpoints. */
  allows(origin: string): boolean {
    return this.rules?.allows(origin) === true;
  }

  /**
   * Says on the response what the page may do that asks, if it may do anything. True when that was all it asked for,
   * and the request is answered.
   */
  greet(request: HttpRequest, response: HttpResponse): boolean {
    return this.rules?.greet(request, response) === true;
  }

  private take(section: CorsSection): void {
    this.rules = section.enabled ? new CorsRules(section) : undefined;
  }
}

function corsProblems({ enabled, allowedOrigins, allowCredentials }: CorsSection) {
  if (!enabled) return [];
  if (allowedOrigins.length === 0) {
    return [{ key: 'security.cors.allowed_origins', message: 'is empty: CORS is on and for nobody' }];
  }
  if (!allowedOrigins.includes('*') || !allowCredentials) return [];
  return [
    { key: 'security.cors.allow_credentials', message: 'cannot be true for all origins: name them instead of *' },
  ];
}
