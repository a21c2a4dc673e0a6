import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';

import { ConfigService } from '../../../config/index.js';
import { CLOCK, type Clock, type Timer } from '../../../core/clock.js';
import { SessionSection } from '../../../session/index.js';
import type { EventStore, StreamRecord } from './event-store.js';
import { LinkedQueue } from './linked-queue.js';
import { EVENT_BYTES, KeptEvent, KeptSession, MemoryRecord } from './memory-record.js';

const SWEEP_MS = 5_000;

/** Keeps events in this process. They are lost with it, and no other process can replay them. */
@Injectable()
export class MemoryEventStore implements EventStore, OnModuleDestroy {
  private readonly sessions = new Map<string, KeptSession>();
  private readonly events = new LinkedQueue<KeptEvent>();
  private bytes = 0;
  private limits: SessionSection;
  private sweeping: Timer | undefined;

  constructor(
    config: ConfigService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.limits = config.get(SessionSection);
    config.changes.subscribe(({ next }) => {
      this.limits = next.get(SessionSection);
    });
  }

  /** How much is kept; in bytes, with what it costs to keep it. */
  get size(): { readonly sessions: number; readonly events: number; readonly bytes: number } {
    return { sessions: this.sessions.size, events: this.events.size, bytes: this.bytes };
  }

  begin(id: string, stream: string): StreamRecord {
    const session = this.sessions.get(id) ?? new KeptSession(id);
    const record = new MemoryRecord(session, stream, this);
    session.records.set(stream, record);
    this.sessions.set(id, session);
    return record;
  }

  find(session: string, stream: string): StreamRecord | undefined {
    return this.sessions.get(session)?.records.get(stream);
  }

  forget(id: string): void {
    const session = this.sessions.get(id);
    if (!session) return;
    for (const record of session.records.values()) this.clear(record);
    session.records.clear();
    this.sessions.delete(id);
  }

  /** Enters the newest event of a record. */
  keep(frame: Buffer, record: MemoryRecord): void {
    const { session } = record;
    if (this.sessions.get(session.id) !== session) return;
    const { resumeMaxBytes, resumeMaxEvents, resumeTotalBytes } = this.limits;
    // What came before is of no use without it; the other streams have done nothing.
    if (frame.length + EVENT_BYTES > Math.min(resumeMaxBytes, resumeTotalBytes)) return this.clear(record);
    const { bytes } = new KeptEvent(ownBytes(frame), this.clock.now(), record, this.events);
    session.bytes += bytes;
    this.bytes += bytes;
    while (session.bytes > resumeMaxBytes || session.events.size > resumeMaxEvents) this.drop(session.events.oldest!);
    while (this.bytes > resumeTotalBytes) this.drop(this.events.oldest!);
    this.sweeping ??= this.clock.after(SWEEP_MS, this.sweep);
  }

  /** Lets go of a record of which nothing is left and to which nothing will be added. */
  tidy({ finished, events, session, stream }: MemoryRecord): void {
    if (!finished || events.size > 0) return;
    session.records.delete(stream);
    if (session.records.size === 0 && this.sessions.get(session.id) === session) this.sessions.delete(session.id);
  }

  onModuleDestroy(): void {
    this.sweeping?.cancel();
  }

  private drop(event: KeptEvent): void {
    const { bytes, record } = event;
    event.leave();
    record.session.bytes -= bytes;
    this.bytes -= bytes;
    this.tidy(record);
  }

  private clear({ events }: MemoryRecord): void {
    while (events.oldest) this.drop(events.oldest);
  }

  private readonly sweep = (): void => {
    const before = this.clock.now() - this.limits.resumeWindow;
    while (this.events.oldest && this.events.oldest.saidAt <= before) this.drop(this.events.oldest);
    this.sweeping = this.events.size > 0 ? this.clock.after(SWEEP_MS, this.sweep) : undefined;
  };
}

/** Small buffers are parts of larger ones, all of which would be kept with them. */
function ownBytes(frame: Buffer): Buffer {
  if (frame.buffer.byteLength <= 2 * frame.length) return frame;
  const copy = Buffer.allocUnsafeSlow(frame.length);
  copy.set(frame);
  return copy;
}
