import type { ErrorCode } from './error-table.js';
import type { Exchange, ServerRef } from './exchange.js';
import type { Era } from './peer.js';
import type { Principal } from './principal.js';
import type { BreakerState, ServerState } from './server-state.js';

/** How an exchange ended. `status` is the HTTP-like class of metrics and logs. */
export interface Outcome {
  readonly status: number;
  readonly reason: ErrorCode | 'upstream_error' | undefined;
  /** Whole milliseconds and fractions, from the first byte read to the reply handed to the socket. */
  readonly latencyMs: number;
}

export interface ProblemReport {
  readonly file: string;
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly key: string;
  readonly message: string;
}

/** What observers can hear. Names are `noun.past`. */
export interface GatewayEvents {
  'exchange.finished': { readonly exchange: Exchange; readonly outcome: Outcome };
  'connection.opened': { readonly transport: DownstreamTransport; readonly id: string };
  'connection.closed': { readonly transport: DownstreamTransport; readonly id: string };
  /** One attempt on one server. */
  'attempt.finished': ServerRef & { readonly status: number; readonly latencyMs: number };
  'probe.finished': ServerRef & { readonly healthy: boolean; readonly latencyMs: number };
  'server.changed': ServerRef & { readonly state: ServerState };
  /** The connection to it is open, perhaps again, and it is known what it is. */
  'server.introduced': ServerRef & { readonly era: Era; readonly revision: string };
  'server.retired': ServerRef;
  /** An upstream session that one holder has for itself was opened. */
  'upstream_session.opened': ServerRef;
  'upstream_session.closed': ServerRef & { readonly why: SessionEnd };
  /** A call waits for answers that its client will bring with another request. */
  'call.parked': ServerRef;
  'call.released': ServerRef & { readonly why: ParkedEnd };
  /** A modern downstream listens for changes. */
  'listen.opened': { readonly route: string };
  'listen.closed': { readonly route: string };
  'breaker.changed': ServerRef & { readonly state: BreakerState };
  /** Somebody tried to show who they are, on the way to a route or to the admin API. */
  'auth.decided': AuthDecision;
  /** A policy kept a principal from something; what a list left out is not told. */
  'access.denied': { readonly exchange: Exchange; readonly why: DenialCause };
  /** The condition of a rule could not be evaluated: the rule did not match. */
  'policy.failed': { readonly rule: string };
  /** A rate limit held a request up. `scope` is from a fixed set. */
  'rate.exceeded': { readonly scope: RateScope; readonly route: string };
  /** The Redis that processes share can be used from now on, or no longer. */
  'redis.changed': { readonly up: boolean };
  /** Somebody used the admin API. `object` names what it was done to. */
  'admin.acted': AdminAct;
  /** A tool is not described as it was approved. */
  'tool.drifted': {
    readonly group: string;
    readonly tool: string;
    readonly change: ToolChange;
    readonly action: DriftAction;
  };
  /** Arguments that do not fit the schema of their tool, or whose schema cannot be used to judge them. */
  'arguments.judged': { readonly exchange: Exchange; readonly action: RuleAction | 'unchecked' };
  /** The audit log could not be written, or had to let go of so many records. `why` is from a fixed set. */
  'audit.failed': { readonly why: string; readonly lost: number };
  /** `changed` names the sections. */
  'config.applied': { readonly generation: number; readonly changed: readonly string[] };
  'config.rejected': { readonly problems: readonly ProblemReport[] };
  /** The files of the certificate that listeners show have changed. */
  'certificate.read': { readonly outcome: 'replaced' | 'refused' };
  /** A rule of the protocol was broken. `rule` is a name of `RULES` of `protocol`. */
  'rule.broken': { readonly leg: 'downstream' | 'upstream'; readonly rule: string; readonly action: RuleAction };
  /** A message that nobody can use was dropped; `why` is from a fixed set. */
  'message.dropped': { readonly where: 'downstream' | 'upstream'; readonly why: string };
  /** A message that breaks a rule was taken all the same; `why` is from a fixed set. */
  'message.tolerated': { readonly where: 'downstream' | 'upstream'; readonly why: string };
}

export type DownstreamTransport = 'websocket' | 'streamable_http' | 'sse' | 'unix';

/** Why an upstream session ended: its holder left, it was idle, it made room for another, it was lost, its server goes. */
export type SessionEnd = 'holder_left' | 'idle' | 'evicted' | 'lost' | 'retired';

/** Why a call is not parked any more: its answers came, nobody brought them in time, or it ended in the meantime. */
export type ParkedEnd = 'answered' | 'expired' | 'ended';

/** What became of what broke a rule. */
export type RuleAction = 'refused' | 'forgiven';

/** What became of a credential, or of none. */
export interface AuthDecision {
  /** `granted` is told once for a credential and connection, not for every request. */
  readonly outcome: 'granted' | 'refused' | 'throttled';
  /** The auth method that decided; undefined where there was nothing to decide about. */
  readonly method: string | undefined;
  /** Why it was refused, from a fixed set, such as `expired`. */
  readonly why: string | undefined;
  readonly principal: Principal | undefined;
  /** Name of the route, or `admin`. */
  readonly route: string;
  readonly clientAddress: string;
  /** Of the HTTP request that it was about; whoever is turned away is told it. */
  readonly requestId: string;
}

/** One request to the admin API, once it was answered. */
export interface AdminAct {
  readonly principal: Principal;
  /** Method and pattern of the path: `DELETE /api/v1/connections/:id`. */
  readonly action: string;
  readonly object: string | undefined;
  readonly clientAddress: string;
  /** Of the HTTP request, as its log line has it. */
  readonly requestId: string;
  /** HTTP status that it was answered with. */
  readonly status: number;
  /** Whether it was meant to change something. */
  readonly writes: boolean;
}

/** The thing is hidden, it may not be used like this, or a scope is missing. */
export type DenialCause = 'hidden' | 'condition' | 'scope';

/** Which limit was reached. */
export type RateScope = 'client' | 'global' | 'route' | 'tool';

/** How a tool differs from what was approved. */
export type ToolChange = 'added' | 'changed';

/** What `on_drift` has become of it. */
export type DriftAction = 'log' | 'hide' | 'keep';

type Listener<T> = (event: T) => void;

/**
 * The one place where things are announced. Listeners run at once, in order, and must be quick; one
 * that throws is reported to `onFault` and harms nobody else.
 */
export class Events {
  private readonly listeners = new Map<keyof GatewayEvents, Listener<never>[]>();

  constructor(private readonly onFault: (thrown: unknown) => void = () => undefined) {}

  on<Name extends keyof GatewayEvents>(name: Name, listener: Listener<GatewayEvents[Name]>): () => void {
    const list = this.listeners.get(name) ?? [];
    this.listeners.set(name, [...list, listener]);
    return () => {
      const left = (this.listeners.get(name) ?? []).filter((other) => other !== listener);
      this.listeners.set(name, left);
    };
  }

  emit<Name extends keyof GatewayEvents>(name: Name, event: GatewayEvents[Name]): void {
    const list = this.listeners.get(name) as Listener<GatewayEvents[Name]>[] | undefined;
    if (!list) return;
    for (const listener of list) {
      try {
        listener(event);
      } catch (thrown) {
        this.onFault(thrown);
      }
    }
  }
}
