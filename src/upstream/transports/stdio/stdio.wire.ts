import { GatewayError, UnsentError } from '../../../core/errors.js';
import { oneLine } from '../../../protocol/index.js';
import type { Wire, WireContext, WireListener } from '../../wire.js';
import { Inbound } from '../inbound.js';
import { TurnWriter } from '../turn-writer.js';
import type { ChildGroup } from './child-group.js';
import { LineSplitter } from './line-splitter.js';

const LF = 0x0a;
const NEWLINE = Buffer.from('\n');

/** Below this a frame and its line end are cheaper to copy into one buffer than to write as two. */
const COPY_BYTES = 16 * 1_024;

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
  private readonly inbound: Inbound;
  private readonly writer: TurnWriter;
  private over = false;

  constructor(
    private readonly child: ChildGroup,
    private readonly context: WireContext,
    private readonly listener: WireListener,
  ) {
    const { maxMessageBytes } = context.settings;
    this.inbound = new Inbound(maxMessageBytes, listener);
    this.writer = new TurnWriter(child.stdin);
    const lines = new LineSplitter(maxMessageBytes, (line) => this.received(line));
    child.stdout.on('data', (chunk: Buffer) => {
      if (!lines.push(chunk)) this.broken('the server sent a message longer than allowed');
    });
    child.stdout.on('error', () => undefined);
    child.stdout.once('close', () => this.broken('the server process ended'));
    child.stdin.on('error', () => undefined);
    child.stdin.once('close', () => this.deaf());
    child.onExit(() => context.clock.after(LAST_WORDS_MS, () => this.broken('the server process ended')));
  }

  send(frame: Buffer): void {
    const { stdin } = this.child;
    if (this.over || !stdin.writable) {
      this.deaf();
      throw new UnsentError('upstream_unavailable', 'the server process has ended');
    }
    if (stdin.writableLength > this.context.settings.maxMessageBytes) {
      throw new UnsentError('upstream_overloaded', 'the server does not read what it is sent');
    }
    this.writer.gather();
    const line = oneLine(frame);
    if (line.length > COPY_BYTES) {
      stdin.write(line);
      stdin.write(NEWLINE);
      return;
    }
    const whole = Buffer.allocUnsafe(line.length + 1);
    line.copy(whole);
    whole[line.length] = LF;
    stdin.write(whole);
  }

  abandon(): void {
    // Nothing is held for a request.
  }

  negotiated(revision: string): void {
    this.inbound.negotiated(revision);
  }

  introduced(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.over = true;
    return this.child.stop();
  }

  private received(line: Buffer): void {
    if (!this.over) this.inbound.deliver(this.inbound.read(line), undefined);
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
    this.child.kill('SIGKILL');
    this.listener.closed(new GatewayError('upstream_unavailable', what));
  }
}
