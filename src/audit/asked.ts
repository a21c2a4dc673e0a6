import { Injectable } from '@nestjs/common';

import { canonical } from '../core/canonical.js';
import type { Exchange } from '../core/exchange.js';
import type { McpRequest, Params } from '../core/message.js';
import { type AuditEntry } from './audit-entry.js';
import type { AuditSection } from './audit.section.js';
import { digestOf } from './chain.js';

/** Arguments longer than this are never written, but for their digest. UTF-16 units. */
const MAX_ARGUMENTS = 65_536;

/** What an exchange was asked, for as long as it is not over: nothing is computed of it before it is to be recorded. */
@Injectable()
export class Asked {
  private readonly params = new WeakMap<Exchange, Params>();

  remember(exchange: Exchange, { params }: McpRequest): void {
    if (params) this.params.set(exchange, params);
  }

  /** On what it was done: a tool or a prompt, or a resource without what its URI may hold of secrets. */
  objectOf(exchange: Exchange): string | undefined {
    const { target, method } = exchange;
    const params = this.params.get(exchange);
    const uri = method.startsWith('resources/') ? (target?.name ?? params?.text('uri')) : undefined;
    if (uri !== undefined) return withoutSecrets(uri);
    return target?.name ?? params?.text('name') ?? params?.text('taskId');
  }

  /** What is recorded of its arguments: the SHA-256 of their canonical text, and that itself only where it is wanted. */
  argumentsOf(
    exchange: Exchange,
    policy: AuditSection['arguments'],
  ): Pick<AuditEntry, 'arguments' | 'argumentsSha256'> {
    const params = this.params.get(exchange);
    const span = params?.spans.arguments;
    if (!params || !span || policy === 'none') return {};
    const text = canonical(params.bytes, span[0]);
    const written = policy === 'full' && text.length <= MAX_ARGUMENTS ? text : undefined;
    return { argumentsSha256: digestOf(text), arguments: written };
  }
}

function withoutSecrets(uri: string): string {
  return uri.replace(/[?#].*$/s, '').replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, '$1');
}
