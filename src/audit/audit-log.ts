import { Inject, Injectable, Logger, Optional } from '@nestjs/common';

import type { AuditTrail } from '../core/audit-trail.js';
import { CLOCK, type Clock, type Timer } from '../core/clock.js';
import { GatewayError } from '../core/errors.js';
import { Events } from '../core/events.js';
import { WORKER_BUS, type WorkerBus } from '../core/worker-bus.js';
import { type AuditEntry, toRecord } from './audit-entry.js';
import type { AuditSection } from './audit.section.js';
import { ChainFile } from './chain-file.js';
import { fileOfWorker } from './worker-file.js';

/** How often what could not be written is tried again, and what was written is forced to the disk. */
const INTERVAL_MS = 1_000;

interface Sink {
  readonly file: ChainFile;
  /** Whether each batch is forced to the disk. */
  readonly always: boolean;
}

/**
 * Writes records to the audit file in the background: as many at once as have come in meanwhile, and no more than
 * `max_queue` of them wait. Nobody waits for it; what cannot be written is tried again each second.
 */
@Injectable()
export class AuditLog implements AuditTrail {
  private readonly logger = new Logger('Audit');
  private settings: AuditSection | undefined;
  private sink: Sink | undefined;
  private readonly queue: object[] = [];
  private lost = 0;
  private failing: string | undefined;
  private timer: Timer | undefined;
  private scheduled = false;
  /** One thing after the other is done to the file. */
  private busy: Promise<void> = Promise.resolve();

  constructor(
    private readonly events: Events,
    @Inject(CLOCK) private readonly clock: Clock,
    @Optional() @Inject(WORKER_BUS) private readonly bus?: WorkerBus,
  ) {}

  /** What is said from now on; undefined while there is no log. */
  get policy(): AuditSection | undefined {
    return this.settings;
  }

  /** Why nothing may go on unrecorded now. */
  refusal(): GatewayError | undefined {
    if (this.settings?.onFailure !== 'refuse') return undefined;
    if (this.failing === undefined && this.queue.length < this.settings.maxQueue) return undefined;
    return new GatewayError('audit_unavailable', 'nothing can be recorded at the moment');
  }

  /** Follows the configuration. What was told before still goes to the file of before. */
  use(section: AuditSection): Promise<void> {
    this.settings = section.enabled ? section : undefined;
    return this.inTurn(async () => {
      await this.closeFile();
      if (!section.enabled) return;
      this.sink = { file: this.fileFor(section), always: section.fsync === 'always' };
      await this.attempt(() => this.sink?.file.open());
      this.wake();
    });
  }

  /** Why the file cannot be written at the moment; undefined when it can, as far as that is known. */
  get fault(): string | undefined {
    return this.failing;
  }

  record(entry: Omit<AuditEntry, 'at'>): void {
    const { settings } = this;
    if (!settings) return;
    if (this.queue.length >= settings.maxQueue) return this.lose();
    this.queue.push(toRecord({ at: this.clock.wall(), ...entry }));
    this.schedule();
  }

  /** Writes what waits, and closes the file. */
  close(): Promise<void> {
    this.settings = undefined;
    return this.inTurn(() => this.closeFile());
  }

  /** Resolves when everything that was told before has been written, or could not be. */
  idle(): Promise<void> {
    return this.inTurn(() => this.write());
  }

  private schedule(): void {
    if (this.scheduled || this.failing !== undefined) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      void this.inTurn(() => this.write());
    });
  }

  private async write(): Promise<void> {
    const { sink } = this;
    if (!sink) return;
    await this.attempt(async () => {
      this.tellLost();
      await sink.file.append(this.queue);
      if (sink.always) await sink.file.sync();
    });
    this.wake();
  }

  /** What is left to be done in a second: to write again, or to force to the disk what was written. */
  private wake(): void {
    if (this.failing === undefined && this.sink?.always !== false) return;
    this.timer ??= this.clock.after(INTERVAL_MS, () => {
      this.timer = undefined;
      void this.inTurn(() => (this.failing === undefined ? this.sync() : this.write()));
    });
  }

  private async sync(): Promise<void> {
    await this.attempt(() => this.sink?.file.sync());
    if (this.failing !== undefined) this.wake();
  }

  private async closeFile(): Promise<void> {
    const { sink } = this;
    if (!sink) return;
    await this.write();
    await this.attempt(() => sink.file.close());
    this.sink = undefined;
    this.timer?.cancel();
    this.timer = undefined;
  }

  private async attempt(what: () => Promise<void> | undefined): Promise<void> {
    try {
      await what();
      if (this.failing !== undefined) this.logger.log('the audit log is written again');
      this.failing = undefined;
    } catch (thrown) {
      this.fail(thrown);
    }
  }

  private fail(thrown: unknown): void {
    const why = (thrown as NodeJS.ErrnoException).code ?? 'unknown';
    if (this.failing !== why) this.logger.error(thrown, `the audit log cannot be written: ${why}`);
    this.failing = why;
    this.events.emit('audit.failed', { why, lost: 0 });
  }

  private lose(): void {
    if (this.lost++ === 0) this.logger.error('more is to be recorded than the audit log can take: records are lost');
    this.events.emit('audit.failed', { why: 'overflow', lost: 1 });
  }

  private tellLost(): void {
    if (this.lost === 0) return;
    this.queue.push(toRecord({ at: this.clock.wall(), event: 'audit.lost', detail: { records: this.lost } }));
    this.lost = 0;
  }

  /** A chain belongs to one process: each worker has one of its own. */
  private get worker(): number | undefined {
    return this.bus && this.bus.size > 1 ? this.bus.self.slot : undefined;
  }

  private fileFor({ file = '', hmacKey, maxFileBytes }: AuditSection): ChainFile {
    const time = (): string => new Date(this.clock.wall()).toISOString();
    return new ChainFile({ file: fileOfWorker(file, this.worker), key: hmacKey, maxBytes: maxFileBytes, time });
  }

  private inTurn(what: () => Promise<void>): Promise<void> {
    this.busy = this.busy.then(what);
    return this.busy;
  }
}
