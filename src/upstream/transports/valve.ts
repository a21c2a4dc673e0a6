/** What can be told to bring nothing for a while: a stream, a socket, a response. */
export interface Pausable {
  pause(): void;
  resume(): void;
}

/** Read from one server in one turn of the event loop before the others have theirs, about as much as one read brings. */
const TURN_BYTES = 64 * 1_024;
/** Messages, however short: one that is none at all costs as much as any. */
const TURN_MESSAGES = 256;

/**
 * Stands between a source and whoever reads it. It shuts while the reader cannot keep up, and for the rest of a
 * turn of the event loop whenever the source has brought its share of one: a server that never stops talking
 * must not keep us from all others.
 */
export class Valve {
  private share = 0;
  private held = false;
  private resting = false;
  private over = false;

  constructor(private readonly source: Pausable) {}

  /** Whether the reader holds it shut. */
  get isHeld(): boolean {
    return this.held;
  }

  /** Whether nothing may pass now. */
  get isShut(): boolean {
    return this.held || this.resting;
  }

  /** So much was read. @param messages where they are known; one that comes in pieces is counted once */
  took(bytes: number, messages: number): void {
    this.share += bytes / TURN_BYTES + messages / TURN_MESSAGES;
    if (this.share < 1 || this.resting || this.over) return;
    this.resting = true;
    if (!this.held) this.source.pause();
    setImmediate(rested, this);
  }

  hold(): void {
    if (this.held || this.over) return;
    this.held = true;
    if (!this.resting) this.source.pause();
  }

  release(): void {
    if (!this.held || this.over) return;
    this.held = false;
    if (!this.resting) this.source.resume();
  }

  /** The next turn has begun. */
  rest(): void {
    this.resting = false;
    this.share = 0;
    if (!this.held && !this.over) this.source.resume();
  }

  /** The source is done, or somebody else's from now on: it is not touched any more. */
  close(): void {
    this.over = true;
  }
}

function rested(valve: Valve): void {
  valve.rest();
}
