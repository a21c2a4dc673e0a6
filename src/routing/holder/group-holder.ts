import { Endable } from '../../core/endable.js';
import type { Stay } from '../../core/exchange.js';
import type { Flow } from '../../core/flow.js';
import type { JsonObject } from '../../core/json.js';
import type { InterimMessage, Params } from '../../core/message.js';
import type { Principal } from '../../core/principal.js';
import { compareLogLevels, type LogLevel } from '../../protocol/index.js';
import type { Holder, ListKind } from '../../upstream/index.js';
import { exposeInterim } from '../rewrite/replies.js';
import type { TaskRelay } from '../tasks/task-relay.js';

/** Who hears what becomes of the own sessions of holders, in whatever generation. */
export interface HolderListener {
  /** A list may have changed on the holder's own session. */
  listChanged?(kind: ListKind, holder: GroupHolder): void;
  /** Params of a `notifications/resources/updated`, in the words of that server. Nobody else tells a downstream of it. */
  resourceUpdated?(params: Params, holder: GroupHolder, server: string): void;
  /** The session with that server is a new one: what the server was told to remember is forgotten. */
  renewed?(server: string, holder: GroupHolder): void;
  /** The session with that server was lost. Another is opened with the next request. */
  lost?(server: string, holder: GroupHolder): void;
}

/** What a holder needs of the house it lives in. */
export interface HolderHouse {
  /** Everybody who wants to hear of all holders. */
  readonly listeners: Iterable<HolderListener>;
  /** What stands before the URIs of a group on a route of the running generation; empty for nothing. */
  prefixOn(routeName: string, group: string): string;
  /** What clients know the tasks of servers by. */
  readonly tasks: TaskRelay;
}

/** What a holder is known by, and what it can do. */
export interface HolderTraits {
  /** Name of the group. */
  readonly group: string;
  readonly key: string;
  readonly plural: boolean;
  readonly capabilities: JsonObject;
  readonly principal: Principal;
}

/**
 * Whom the own sessions with one group are kept for: one downstream, or all downstreams of a principal that can
 * do the same. The same object in every generation, until the last of them has left.
 */
export class GroupHolder extends Endable implements Holder {
  readonly group: string;
  readonly key: string;
  readonly plural: boolean;
  readonly capabilities: JsonObject;
  principal: Principal;
  /** Whether a resource is subscribed to on its sessions. */
  needsSession = false;
  /** Those behind it, each with the name of the route that it came by. */
  private readonly behind = new Map<Stay, string>();
  private readonly listeners = new Set<HolderListener>();

  constructor(
    traits: HolderTraits,
    private readonly house: HolderHouse,
  ) {
    super();
    this.group = traits.group;
    this.key = traits.key;
    this.plural = traits.plural;
    this.capabilities = traits.capabilities;
    this.principal = traits.principal;
  }

  get logLevel(): string | undefined {
    let least: LogLevel | undefined;
    for (const { logLevel } of this.behind.keys()) {
      const level = logLevel as LogLevel | undefined;
      if (level !== undefined && (least === undefined || compareLogLevels(level, least) < 0)) least = level;
    }
    return least;
  }

  /** How its downstream keeps up; of several, none may hold up the others. */
  get flow(): Flow | undefined {
    const [stay] = this.behind.keys();
    return this.plural ? undefined : stay?.flow;
  }

  /** The downstreams behind it now. */
  get stays(): Iterable<Stay> {
    return this.behind.keys();
  }

  /** Takes a downstream in until its stay ends; with the last of them it ends itself. */
  enter(stay: Stay, routeName: string): void {
    if (this.ended || this.behind.has(stay)) return;
    this.principal = stay.principal;
    this.behind.set(stay, routeName);
    stay.onEnd(() => this.leave(stay));
  }

  take(message: InterimMessage, server: string): void {
    if (message.kind === 'notification' && message.method === 'notifications/resources/updated') {
      if (message.params) for (const each of this.audience()) each.resourceUpdated?.(message.params, this, server);
      return;
    }
    // Its server waits for the answer.
    if (this.behind.size === 0 && message.kind === 'request') return message.refused();
    for (const stay of this.behind.keys()) this.tell(stay, message, server);
  }

  /** Tells one of the downstreams behind it what a server said, in the words of the route that it came by. */
  tell(stay: Stay, message: InterimMessage, server: string): void {
    const prefix = this.house.prefixOn(this.behind.get(stay) ?? '', this.group);
    const owner = {
      group: this.group,
      server,
      principal: stay.principal,
      stay: stay.id,
      era: stay.peer?.era ?? 'legacy',
    };
    const exposed = this.house.tasks.exposeInterim(message, owner);
    stay.deliver(prefix === '' ? exposed : exposeInterim(prefix, exposed));
  }

  listChanged(kind: ListKind): void {
    for (const each of this.audience()) each.listChanged?.(kind, this);
  }

  renewed(server: string): void {
    for (const each of this.audience()) each.renewed?.(server, this);
  }

  lost(server: string): void {
    for (const each of this.audience()) each.lost?.(server, this);
  }

  /** Hears of this holder only. Returns how to stop. */
  listen(listener: HolderListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  override end(): void {
    super.end();
    this.listeners.clear();
  }

  /** The last of those behind it has left. */
  protected emptied(): void {
    this.end();
  }

  private leave(stay: Stay): void {
    if (this.behind.delete(stay) && this.behind.size === 0) this.emptied();
  }

  /** Its own listeners know what changed before anybody asks them for it. */
  private audience(): HolderListener[] {
    return [...this.listeners, ...this.house.listeners];
  }
}
