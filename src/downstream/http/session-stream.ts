import type { HttpResponse } from './http-message.js';
import { Flow } from '../../core/flow.js';
import type { SealedSession, Voice } from '../../session/index.js';
import { QUIET_MS, type KeepAlive, type Quiet } from './keep-alive.js';
import type { MessageStream, Speaker } from './message-stream.js';
import type { MessageStreams } from './message-streams.js';

/** Whoever has opened the streams of sessions. */
export interface SessionStreamHost {
  readonly messages: MessageStreams;
  readonly keepAlives: KeepAlive;
  /** It is over. Called once. */
  ended(stream: SessionStream): void;
}

/**
 * The event stream that a session opened by GET: the voice of the session, until it ends. A client that lost it
 * may come back for what was said meanwhile, unless that takes longer than the resume window.
 */
export class SessionStream implements Voice, Speaker, Quiet {
  readonly flow = new Flow();
  dueAt = 0;
  place = -1;
  private readonly stream: MessageStream;
  /** Whether the client is here. */
  private here = false;
  private over = false;
  private release: (() => void) | undefined;

  constructor(
    readonly session: SealedSession,
    response: HttpResponse,
    private readonly host: SessionStreamHost,
  ) {
    this.stream = host.messages.open('own', session, response, this);
    // At once, so that nobody on the way waits for a first byte.
    if (!this.stream.recoverable) this.stream.comment();
    session.voice = this;
    host.keepAlives.add(this);
    this.returned();
    this.release = session.onEnd(() => this.end());
  }

  send(frame: Buffer): void {
    if (this.here) this.spoke();
    this.stream.send(frame);
  }

  keepAlive(): void {
    if (!this.here) return this.end();
    this.spoke();
    this.stream.comment();
  }

  returned(): void {
    if (this.over || this.here) return;
    this.here = true;
    this.session.streams++;
    this.spoke();
  }

  left(): void {
    this.leave();
    if (!this.stream.recoverable) return this.end();
    this.dueAt = this.host.keepAlives.now() + this.host.messages.resumeWindow;
  }

  end(): void {
    if (this.close()) this.stream.end();
  }

  /** Ends it, and asks the client to open another. */
  dismiss(): void {
    if (this.close()) this.stream.dismiss();
  }

  private spoke(): void {
    this.dueAt = this.host.keepAlives.now() + QUIET_MS;
  }

  /** The client does not listen any more. */
  private leave(): void {
    if (!this.here) return;
    this.here = false;
    this.session.streams--;
    this.session.seenAt = this.host.keepAlives.now();
  }

  /** True the first time. */
  private close(): boolean {
    if (this.over) return false;
    this.over = true;
    this.leave();
    this.host.keepAlives.remove(this);
    if (this.session.voice === this) this.session.voice = undefined;
    this.release?.();
    this.host.ended(this);
    return true;
  }
}
