import type { Writable } from 'node:stream';

import type { Flow } from '../core/flow.js';

/** How much may wait for a client that reads slowly. */
export interface BacklogLimits {
  /** Bytes from which on nothing more is read for it. */
  readonly queueSoftBytes: number;
  /** Bytes beyond which it is given up. */
  readonly queueHardBytes: number;
}

/** The part of a stream that tells how much of what was written has not left yet. */
export type Outflow = Pick<Writable, 'writableLength' | 'writableNeedDrain'> & {
  on(event: 'drain' | 'close', listener: () => void): unknown;
};

/**
 * What was written to one client and has not been taken yet. Holds up the flow from the soft limit on until all
 * of it is gone, or the stream is closed.
 */
export class Backlog {
  private written = 0;
  /** How much had been taken when that was asked last. */
  private taken = 0;

  constructor(
    private readonly stream: Outflow,
    private readonly flow: Flow,
    private readonly limits: BacklogLimits,
  ) {
    const clear = (): void => flow.clear();
    stream.on('drain', clear);
    stream.on('close', clear);
  }

  /** Whether so much waits that the client is to be given up. */
  get full(): boolean {
    return this.stream.writableLength > this.limits.queueHardBytes;
  }

  /** To be called after each write, with how many bytes it was. */
  grew(bytes: number): void {
    this.written += bytes;
    const { writableLength, writableNeedDrain } = this.stream;
    // A stream that holds less than it likes to never says that it is drained.
    if (writableNeedDrain && writableLength > this.limits.queueSoftBytes) this.flow.congest();
  }

  /** Whether something waits and nothing has been taken since this was asked last. */
  stuck(): boolean {
    const waiting = this.stream.writableLength;
    const before = this.taken;
    this.taken = this.written - waiting;
    return waiting > 0 && this.taken <= before;
  }
}
