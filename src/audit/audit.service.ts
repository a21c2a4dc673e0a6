import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';

import { type ConfigProblem, ConfigService } from '../config/index.js';
import { GatewayError } from '../core/errors.js';
import { PRODUCT, type Product } from '../core/product.js';
import { AuditLog } from './audit-log.js';
import { AuditSection } from './audit.section.js';
import { ExchangeRecords } from './exchange-records.js';
import { GatewayRecords } from './gateway-records.js';

/** Keeps the audit log as long as the gateway runs, as the configuration in force says. */
@Injectable()
export class AuditService implements OnApplicationBootstrap, OnApplicationShutdown {
  private stopListening: readonly (() => void)[] = [];

  constructor(
    private readonly config: ConfigService,
    private readonly log: AuditLog,
    private readonly exchanges: ExchangeRecords,
    private readonly others: GatewayRecords,
    @Inject(PRODUCT) private readonly product: Product,
  ) {
    config.addCheck((next) => problemsOf(next.get(AuditSection)));
  }

  /** @throws `config_invalid` when nothing can be recorded, and nothing may go on unrecorded */
  async onApplicationBootstrap(): Promise<void> {
    this.config.changes.subscribe(({ previous, next }) => {
      const section = next.get(AuditSection);
      if (!isDeepStrictEqual(previous.get(AuditSection), section)) void this.follow(section);
    });
    const section = this.config.get(AuditSection);
    await this.follow(section);
    if (section.enabled && section.onFailure === 'refuse' && this.log.fault !== undefined) {
      throw new GatewayError('config_invalid', `[audit] file cannot be written: ${this.log.fault}`);
    }
    const { name, version } = this.product;
    const detail = { name, version, generation: this.config.generation, pid: process.pid };
    this.log.record({ event: 'gateway.started', detail });
  }

  async onApplicationShutdown(): Promise<void> {
    this.log.record({ event: 'gateway.stopped' });
    this.unlisten();
    await this.log.close();
  }

  private follow(section: AuditSection): Promise<void> {
    this.unlisten();
    // The last that is said of a log is that nothing more will be.
    if (!section.enabled) this.log.record({ event: 'audit.disabled' });
    const used = this.log.use(section);
    if (section.enabled) this.stopListening = [...this.others.listen(), ...this.exchanges.listen(section)];
    return used;
  }

  private unlisten(): void {
    for (const stop of this.stopListening) stop();
    this.stopListening = [];
  }
}

function problemsOf({ enabled, file }: AuditSection): readonly ConfigProblem[] {
  if (!enabled) return [];
  if (file === undefined) return [{ key: 'audit.file', message: 'an audit log needs a file: say which' }];
  const directory = dirname(file);
  return existsSync(directory)
    ? []
    : [{ key: 'audit.file', message: `the directory ${directory} does not exist; make it first` }];
}
