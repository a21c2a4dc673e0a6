import { GatewayError, UnsentError } from '../../../core/errors.js';
import type { Wire, WireContext, WireListener } from '../../wire.js';
import { Inbound } from '../inbound.js';
import { LineStream } from '../lines/line-stream.js';
import type { ChildGroup } from './child-group.js';

/** What a dead child has already written is waited for this long; a grandchild may keep the pipe open. */
const LAST_WORDS_MS = 250;

/**
 * Newline-delimited JSON over the stdin and stdout of a child process.
 *
 * A line that is no message is passed on as such and harms nobody: many servers print to stdout. A line
 * longer than allowed ends the connection, and the child with it.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#stdio
 */
export class StdioWire implements Wire {
  readonly knowsOrigin = false;
  readonly hasSession = false;
  private readonly inbound: Inbound;
  private readonly lines: LineStream;
  private over = false;
  private dismissed = false;

  constructor(
    private readonly child: ChildGroup,
    private readonly context: WireContext,
    private readonly listener: WireListener,
  ) {
    this.inbound = new Inbound(context, listener);
    this.lines = new LineStream(child.stdout, child.stdin, context.settings.maxMessageBytes, {
      line: (line) => this.inbound.deliver(this.inbound.read(line), undefined),
      tooLong: () => this.broken('the server sent a message longer than allowed'),
    });
    child.stdout.on('error', () => undefined);
    child.stdout.once('close', () => this.broken('the server process ended'));
    child.stdin.on('error', () => undefined);
    child.stdin.once('close', () => this.deaf());
    child.onExit(() => {
      if (!this.over) context.clock.after(LAST_WORDS_MS, () => this.broken('the server process ended'));
    });
  }

  /** Whether it was closed while all was well: otherwise the child has ended by itself, or had to be ended. */
  get isDismissed(): boolean {
    return this.dismissed;
  }

  send(frame: Buffer): void {
    if (this.over || !this.child.stdin.writable) {
      this.deaf();
      throw new UnsentError('upstream_unavailable', 'the server process has ended');
    }
    this.lines.write(frame);
  }

  abandon(): void {
    // Nothing is held for a request.
  }

  negotiated(revision: string): void {
    this.inbound.negotiated(revision);
  }

  pause(requestId?: number): void {
    if (requestId === undefined) this.lines.hold();
  }

  resume(requestId?: number): void {
    if (requestId === undefined) this.lines.release();
  }

  introduced(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.dismissed ||= !this.over;
    this.over = true;
    this.lines.close();
    return this.child.stop();
  }

  /**
   * The child reads nothing any more. Mostly it is gone, and its exit will be heard of; whoever sends again
   * must not be sent here. One that lives on may finish what it is saying, no more.
   */
  private deaf(): void {
    if (this.over) return;
    this.listener.ending(new UnsentError('upstream_unavailable', 'the server process has ended'));
    this.context.clock.after(LAST_WORDS_MS, () => this.broken('the server process reads nothing any more'));
  }

  private broken(what: string): void {
    if (this.over) return;
    this.over = true;
    this.lines.close();
    this.child.kill('SIGKILL');
    this.listener.closed(new GatewayError('upstream_unavailable', what));
  }
}
