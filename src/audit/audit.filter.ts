import { ConfigService } from '../config/index.js';
import type { Exchange } from '../core/exchange.js';
import type { Filter, Next } from '../core/filter.js';
import type { McpReply, McpRequest } from '../core/message.js';
import { PipelineFilter } from '../pipeline/index.js';
import { Asked } from './asked.js';
import { AuditLog } from './audit-log.js';
import { AuditSection } from './audit.section.js';

/** Keeps what was asked for the record, and lets nothing pass that cannot be recorded where everything has to be. */
@PipelineFilter({ name: 'audit', phase: 'observe', always: true })
export class AuditFilter implements Filter {
  readonly idle: boolean;
  private readonly all: boolean;

  constructor(
    config: ConfigService,
    private readonly log: AuditLog,
    private readonly asked: Asked,
  ) {
    const { enabled, data } = config.get(AuditSection);
    this.idle = !enabled || data === 'none';
    this.all = data === 'all';
  }

  /** @throws `audit_unavailable` */
  handle(request: McpRequest, exchange: Exchange, next: Next): Promise<McpReply> {
    const refusal = this.all ? this.log.refusal() : undefined;
    if (refusal) return Promise.reject(refusal);
    this.asked.remember(exchange, request);
    return next(request, exchange);
  }
}
