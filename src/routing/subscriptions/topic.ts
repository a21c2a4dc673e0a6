import { CancelledError } from '../../core/errors.js';
import type { Exchange } from '../../core/exchange.js';
import { result, type McpReply, type Params } from '../../core/message.js';
import type { GroupHolder } from '../holder/group-holder.js';
import { Listeners, type UpdateListener } from './listeners.js';
import type { TopicHost } from './topic-host.js';
import { Turns } from './turns.js';

const DONE = result({});

/** How long whoever subscribes waits. */
export type Patience = Pick<Exchange, 'signal' | 'deadline'>;

/** What happens while a server is asked. An empty name stands for whichever it is. */
interface Asking {
  /** Servers that told of updates already. */
  readonly early: Set<string>;
  /** Servers that were lost. */
  readonly lost: Set<string>;
}

/**
 * One resource on one upstream session, and everybody who subscribed to it. The server is told when the first
 * comes and when the last has left, one thing at a time, so that in the end it is subscribed if and only if
 * somebody wants it.
 */
export class Topic {
  private readonly listeners = new Listeners();
  /** The server that tells of updates; undefined while none does. */
  private server: string | undefined;
  /** The server that did so last. */
  private latest: string | undefined;
  /** Whether it does so on the session that everybody shares: modern servers have no others, whoever the holder is. */
  private onShared: boolean;
  /** Whether the resource may have changed without the listeners having heard. */
  private stale = false;
  private asking: Asking | undefined;
  /** Whether its latest server may or may not be subscribed: it was lost while it was asked, or may be another one now. */
  private unsure = false;
  /** Whether something happened to a server meanwhile that calls for another look. */
  private shaken = false;
  /** How many claims there are to it. */
  private claims = 0;
  private readonly turns = new Turns(
    () => this.tidy(),
    () => this.settle(),
  );

  constructor(
    /** As the servers of the group call it. */
    readonly uri: string,
    /** Undefined on the session that everybody shares. */
    readonly holder: GroupHolder | undefined,
    private readonly host: TopicHost<Topic>,
  ) {
    this.onShared = holder === undefined;
  }

  /** Whether the server that tells of updates, or did so last, does so on the session that everybody shares. */
  get isShared(): boolean {
    return this.onShared;
  }

  /** Whether this server tells of updates on the session that everybody shares, or is perhaps being told to. */
  isSharedOn(server: string): boolean {
    return this.asking !== undefined || (this.onShared && this.server === server);
  }

  /** One more may enter and leave. */
  claim(): void {
    this.claims++;
  }

  /** One less. */
  disclaim(): void {
    this.claims--;
    this.settle();
  }

  /**
   * Subscribes. An error is the answer of the server, and then nothing has changed.
   *
   * @param name what the listener calls the resource
   * @throws as `Group.ask`
   */
  enter(listener: UpdateListener, name: string, patience: Patience): Promise<McpReply> {
    if (this.server === undefined || this.turns.busy) {
      return this.turns.take(() => this.enterNow(listener, name, patience));
    }
    this.listeners.set(listener, name);
    return Promise.resolve(DONE);
  }

  /**
   * Subscribes as soon as a server can be asked, for a listener that counts on it already: then it hears that the
   * resource may have changed meanwhile.
   */
  expect(listener: UpdateListener, name: string): void {
    this.listeners.set(listener, name);
    if (this.server === undefined) this.stale = true;
    this.retry();
  }

  /** Ends a subscription, if there is one. An error is the answer of the server, but ended it has all the same. */
  leave(listener: UpdateListener): Promise<McpReply> {
    if (!this.turns.busy && (this.listeners.size > 1 || !this.listeners.has(listener))) {
      this.listeners.delete(listener);
      return Promise.resolve(DONE);
    }
    return this.turns.take(() => {
      this.listeners.delete(listener);
      return this.release();
    });
  }

  /** Subscribes again where it is wanted and no server tells of updates. @throws as `Group.ask` */
  restore(): Promise<void> {
    return this.turns.take(async () => {
      if (this.listeners.size > 0 && this.server === undefined) await this.subscribe();
    });
  }

  /** A server told of an update of the resource or of a part of it. Those in `told` know it already. */
  updated(params: Params, uri: string, server: string, told: Set<UpdateListener>): void {
    if (server === this.server) this.listeners.update(params, uri.slice(this.uri.length), told);
    else this.asking?.early.add(server);
  }

  /** The session with this server was lost. */
  lost(server: string): void {
    this.asking?.lost.add(server);
    this.renewed(server);
  }

  /** The session with this server is a new one: what the server was told before is forgotten. */
  renewed(server: string): void {
    if (this.server === server) {
      this.server = undefined;
      this.stale = true;
    } else if (this.asking && this.listeners.size > 0) {
      this.stale = true;
    }
    this.retry();
  }

  /** Tries again where it was in vain before. */
  retry(): void {
    if (this.turns.busy) this.shaken = true;
    else if (this.server === undefined && this.listeners.size > 0) this.host.plan(this);
  }

  /** Another generation: the servers may be others under the same names. */
  moved(): void {
    this.asking?.lost.add('');
    if (this.server !== undefined) this.unsure = true;
    this.server = undefined;
    this.retry();
  }

  private async enterNow(listener: UpdateListener, name: string, { signal, deadline }: Patience): Promise<McpReply> {
    if (signal.aborted || listener.stay.ended) throw new CancelledError();
    const refused = this.server === undefined ? await this.subscribe(deadline) : undefined;
    if (refused) return refused;
    // Whoever does not wait any more does not know that it is subscribed.
    if (signal.aborted || listener.stay.ended) throw new CancelledError();
    this.listeners.set(listener, name);
    return DONE;
  }

  /** @returns the error of the server, if it is one */
  private async subscribe(deadline?: number): Promise<McpReply | undefined> {
    const asking = (this.asking = { early: new Set<string>(), lost: new Set<string>() });
    try {
      const question = { method: 'resources/subscribe', preferred: this.latest, deadline } as const;
      const { reply, server, isOwn } = await this.host.ask(this, question);
      if (reply.kind === 'error') return reply;
      this.onShared = !isOwn;
      const hasMoved = this.latest !== undefined && this.latest !== server;
      if (hasMoved || asking.early.has(server)) this.stale = true;
      this.latest = server;
      this.unsure = asking.lost.has(server) || asking.lost.has('');
      if (this.unsure) this.stale = true;
      else this.server = server;
      return undefined;
    } finally {
      this.asking = undefined;
    }
  }

  /** Tells the server that nobody wants it any more, if that is so. */
  private async release(): Promise<McpReply> {
    const server = this.unsure ? this.latest : this.server;
    if (this.listeners.size > 0 || server === undefined) return DONE;
    this.server = undefined;
    this.latest = undefined;
    this.stale = false;
    this.unsure = false;
    // With its holder the session ends, and everything that the server remembers for it.
    if (this.holder?.ended && !this.onShared) return DONE;
    try {
      const { reply } = await this.host.ask(this, { method: 'resources/unsubscribe', preferred: server });
      return reply.kind === 'error' ? reply : DONE;
    } catch {
      // Whether it heard or not: what it tells of the resource reaches nobody.
      return DONE;
    }
  }

  /** What follows everything that was done. */
  private async tidy(): Promise<void> {
    await this.release();
    if (!this.stale || this.server === undefined) return;
    this.stale = false;
    this.listeners.updateUnseen();
  }

  private settle(): void {
    if (this.turns.busy) return;
    const { shaken } = this;
    this.shaken = false;
    if (this.listeners.size === 0 && this.claims === 0) this.host.idle(this);
    else if (shaken) this.retry();
  }
}
