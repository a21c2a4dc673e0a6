import type { Clock, Timer } from '../../../core/clock.js';
import type { InterimNotification } from '../../../core/message.js';
import { Backoff } from '../../backoff.js';
import type { Call } from '../call.js';
import { Listen, type ListenOwner } from './listen.js';
import { ListenFilter } from './listen-filter.js';

/** How long what comes close together is gathered before the server is asked for it. */
const GATHER_MS = 5;
/** How long a server may take to acknowledge. */
const ACKNOWLEDGE_MS = 10_000;
/** How long to leave a server alone that will not listen. */
const REST_MS = 5 * 60_000;
const REOPEN = { min: 250, max: 30_000 };
/** How long a listen must have lasted for its end to be no sign of trouble. */
const STEADY_MS = 10_000;
/** How long after a change of listens the server may still say things that it said on the one before. */
const OVERLAP_MS = 50;

/** Who says what is listened for, and hears what becomes of it. */
export interface ListensHost {
  readonly clock: Clock;
  /** What is to be listened for, now. */
  wanted(): ListenFilter;
  /** Whether anybody waits for something of it to be honoured. */
  isAwaited(): boolean;
  send(listen: Call): void;
  told(notification: InterimNotification): void;
  /** It is listened for this now. @param before what was heard until now */
  heard(honoured: ListenFilter, before: ListenFilter): void;
  /** What was asked for is decided: whatever of it is not heard now is not honoured. */
  decided(asked: ListenFilter): void;
}

/**
 * Keeps one listen open to a server, for what is wanted. Since that cannot be changed on an open one, another is
 * opened beside it, and takes its place when it is acknowledged. What ends is opened again after a random wait that
 * grows; a server that will not listen is left alone for some minutes.
 */
export class Listens implements ListenOwner {
  /** The server does not do such a thing: it answered with an error, or not in MCP. */
  refused = false;
  private current: Listen | undefined;
  private next: Listen | undefined;
  /** When the current one was acknowledged. */
  private since = 0;
  private overlapsUntil = 0;
  private readonly backoff: Backoff;
  /** Until what is wanted is looked at again. */
  private timer: Timer | undefined;
  /** Whether the server is left alone because it did not honour what it was asked for. */
  private resting = false;
  private closed = false;

  constructor(
    private readonly host: ListensHost,
    random?: () => number,
  ) {
    this.backoff = new Backoff(REOPEN, random);
  }

  /** What the server tells of at present. */
  get honoured(): ListenFilter {
    return this.current?.honoured ?? ListenFilter.NOTHING;
  }

  /** Whether the server may say the same thing twice now. */
  get overlaps(): boolean {
    if (this.current && this.next) return true;
    return this.host.clock.now() < this.overlapsUntil;
  }

  /** Asks for what is wanted, now. */
  open(): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.resting = false;
    if (this.closed || this.next) return;
    const wanted = this.host.wanted();
    const { current, host } = this;
    if (wanted.isEmpty) {
      this.current = undefined;
      current?.close();
    } else if (current && wanted.without(current.asked).isEmpty && this.honoured.without(wanted).isEmpty) {
      host.decided(wanted);
    } else {
      this.next = new Listen(wanted, host.clock.now() + ACKNOWLEDGE_MS, this);
      host.send(this.next);
    }
  }

  /** What is wanted may be something else now. */
  changed(): void {
    if (this.refused || this.next) return;
    if (!this.timer || this.resting) this.plan(GATHER_MS);
  }

  close(): void {
    this.closed = true;
    this.timer?.cancel();
    const { current, next } = this;
    this.current = undefined;
    this.next = undefined;
    current?.close();
    next?.close();
  }

  acknowledged(listen: Listen): void {
    this.next = undefined;
    if (!listen.honoured || listen.honoured.isEmpty) {
      listen.close();
      this.declined(listen);
      return;
    }
    const { current, honoured: before } = this;
    this.current = listen;
    this.since = this.host.clock.now();
    if (current) this.overlapsUntil = this.since + OVERLAP_MS;
    this.refused = false;
    current?.close();
    this.host.heard(listen.honoured, before);
    this.host.decided(listen.asked);
    this.changed();
  }

  told(notification: InterimNotification): void {
    this.host.told(notification);
  }

  ended(listen: Listen, refused: boolean): void {
    if (listen === this.next) {
      this.next = undefined;
      if (refused) {
        this.refused = !this.current;
        this.declined(listen);
      } else this.plan(this.backoff.next());
    } else if (listen === this.current) {
      this.current = undefined;
      if (this.host.clock.now() >= this.since + STEADY_MS) this.backoff.reset();
      if (!this.next) this.plan(this.backoff.next());
    }
  }

  /** What was open before stays as it is. */
  private declined({ asked }: Listen): void {
    this.host.decided(this.refused ? this.host.wanted() : asked);
    if (this.host.isAwaited()) return this.changed();
    this.plan(REST_MS);
    this.resting = true;
  }

  private plan(wait: number): void {
    this.timer?.cancel();
    this.resting = false;
    this.timer = this.closed ? undefined : this.host.clock.after(wait, () => this.open());
  }
}
