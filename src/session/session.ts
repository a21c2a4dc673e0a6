import type { ServerRef, Stay } from '../core/exchange.js';
import { IdTable } from '../core/id-table.js';
import type { Peer } from '../core/peer.js';
import type { Principal } from '../core/principal.js';

/** A request that was taken and is not yet answered. */
export interface InFlight {
  /** Monotonic milliseconds after which nobody waits any more. */
  readonly deadline: number;
  /** Who serves it, once a server was picked. */
  readonly server: ServerRef | undefined;
  /** Ends it without an answer. @param reason what the downstream said of it, for the upstream to know */
  cancel(reason?: string): void;
  /** Ends it with a failure as its answer. */
  fail(thrown: unknown): void;
}

/**
 * A legacy peer's stay: a session over HTTP, or a WebSocket connection. Holds what is known of the peer
 * and what it has in flight. Ids are keyed by value *and* type, within this stay alone, so nobody can
 * reach what another has in flight.
 */
export class Session implements Stay {
  /** The peer, from the moment it has introduced itself (`initialize`). */
  peer: Peer | undefined;
  logLevel: string | undefined;
  /** How many requests were taken since it began. */
  requests = 0;
  /** How many open streams keep it from being idle. */
  streams = 0;
  readonly inFlight = new IdTable<InFlight>();

  private over = false;
  private readonly endings = new Set<() => void>();

  /** @param id not a secret: it stands in logs and in the list of connections */
  constructor(
    readonly id: string,
    readonly principal: Principal,
  ) {}

  get ended(): boolean {
    return this.over;
  }

  /** Calls back once when the session ends; at once if it already has. Returns how to take it back. */
  onEnd(callback: () => void): () => void {
    if (this.over) callback();
    else this.endings.add(callback);
    return () => this.endings.delete(callback);
  }

  /** Cancels everything in flight and lets go. Does nothing the second time. */
  end(): void {
    if (this.over) return;
    this.over = true;
    for (const exchange of this.inFlight.values()) exchange.cancel();
    this.inFlight.clear();
    for (const callback of this.endings) callback();
    this.endings.clear();
  }
}
