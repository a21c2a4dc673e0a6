import type { StoredEvent, StreamRecord } from './event-store.js';
import { LinkedQueue, type Place } from './linked-queue.js';

/** What an event takes up in memory beside its frame. */
export const EVENT_BYTES = 512;

/** What is kept of one session. */
export class KeptSession {
  readonly events = new LinkedQueue<KeptEvent>();
  readonly records = new Map<string, MemoryRecord>();
  bytes = 0;

  constructor(readonly id: string) {}
}

/** An event in the three queues in which it stands: of all events, of its session and of its stream. */
export class KeptEvent implements StoredEvent {
  readonly number: number;
  /** What it costs to keep it. */
  readonly bytes: number;
  private readonly inAll: Place<KeptEvent>;
  private readonly inSession: Place<KeptEvent>;
  private readonly inRecord: Place<KeptEvent>;

  /** @param saidAt monotonic milliseconds */
  constructor(
    readonly frame: Buffer,
    readonly saidAt: number,
    readonly record: MemoryRecord,
    private readonly all: LinkedQueue<KeptEvent>,
  ) {
    this.number = record.last;
    this.bytes = frame.length + EVENT_BYTES;
    this.inAll = all.push(this);
    this.inSession = record.session.events.push(this);
    this.inRecord = record.events.push(this);
  }

  leave(): void {
    this.all.remove(this.inAll);
    this.record.session.events.remove(this.inSession);
    this.record.events.remove(this.inRecord);
  }
}

/** Whoever keeps the events of records. */
interface Keeper {
  keep(frame: Buffer, record: MemoryRecord): void;
  tidy(record: MemoryRecord): void;
}

/** What is kept of one stream. */
export class MemoryRecord implements StreamRecord {
  readonly events = new LinkedQueue<KeptEvent>();
  last = 0;
  finished = false;

  constructor(
    readonly session: KeptSession,
    readonly stream: string,
    private readonly keeper: Keeper,
  ) {}

  append(frame: Buffer): number {
    this.last++;
    this.keeper.keep(frame, this);
    return this.last;
  }

  after(number: number): readonly StoredEvent[] {
    return this.events.newestWhile((event) => event.number > number);
  }

  finish(): void {
    this.finished = true;
    this.keeper.tidy(this);
  }
}
