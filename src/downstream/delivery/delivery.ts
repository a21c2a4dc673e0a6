import { GatewayError } from '../../core/errors.js';
import type { WorkerBus, WorkerRef } from '../../core/worker-bus.js';
import type { Incoming } from '../../protocol/index.js';
import type { SealedSession } from '../../session/index.js';
import { isOwnStream, slotOf } from '../http/event-store/event-id.js';
import type { HttpCall } from '../http/http-call.js';
import type { HttpSessions } from '../http/http-sessions.js';
import type { Fellows } from '../fellows.js';
import type { Elsewhere } from './elsewhere.js';
import { binds, isHomebound } from './homebound.js';
import { Line } from './line.js';
import type { LinePaths } from './line-paths.js';
import type { Waybills } from './waybill.js';

/** How long a worker that does not answer may take to be known to have ended. Milliseconds. */
const GONE_WITHIN_MS = 2_000;
/** A worker may end, and the one that takes its place as well. */
const ATTEMPTS = 3;
const NOTHING = Buffer.alloc(0);

/** A request that may have to be brought to another worker. */
export interface Errand {
  readonly call: Pick<HttpCall, 'request' | 'response' | 'intake'>;
  /** What was read of its body; undefined where nothing was. */
  readonly body: Buffer | undefined;
  /** Who has what it needs: another worker, or this one (undefined). Asked again when that one has ended. */
  home(): string | undefined | Promise<string | undefined>;
  /** It is to be served here after all. */
  here(): void;
  /** It was not answered, and never will be. */
  failed(error: GatewayError): void;
}

/** A POST of a session. */
export interface PostArrival {
  readonly call: HttpCall;
  readonly session: SealedSession;
  readonly body: Buffer;
}

export interface DeliveryParts {
  readonly bus: WorkerBus;
  readonly sessions: HttpSessions;
  readonly paths: LinePaths;
  readonly waybills: Waybills;
  readonly elsewhere: Elsewhere;
}

/**
 * Brings requests to the worker that has what they need. Whatever can be served where it arrives is; what came from
 * another worker always is, so that nothing goes in circles. There is none in a process that serves alone.
 */
export class Delivery {
  private readonly lines = new Map<string, Line>();

  constructor(private readonly parts: DeliveryParts) {
    parts.bus.onLeft(({ id }) => this.forget(id));
  }

  /** Whether a POST of a session has to be brought to where that is at home. */
  isHomebound(incoming: Incoming, session: SealedSession, call: HttpCall): boolean {
    if (session.home !== undefined && !call.handedOver) return isHomebound(incoming, session, call.route);
    if (binds(incoming)) this.parts.sessions.bind(session);
    return false;
  }

  /** Brings such a POST there. @param on here serves it where it arrived, which has become its home */
  bringPost({ call, session, body }: PostArrival, on: Pick<Errand, 'here' | 'failed'>): void {
    void this.bring({ call, body, home: () => this.parts.sessions.homeOf(session, call), ...on });
  }

  /** Whether a GET of a session has been taken from here: to the worker that has the stream. @param last event that the client has */
  takesStream(
    session: SealedSession,
    { call, last }: { readonly call: HttpCall; readonly last: string | undefined },
    on: Pick<Errand, 'here' | 'failed'>,
  ): boolean {
    if (call.handedOver) return false;
    const slot = last === undefined || isOwnStream(last) ? undefined : slotOf(last);
    if (slot === undefined && session.home === undefined) return false;
    const home = (): string | undefined | Promise<string | undefined> =>
      slot === undefined ? this.parts.sessions.homeOf(session, call) : this.inSlot(slot);
    void this.bring({ call, body: NOTHING, home, ...on });
    return true;
  }

  /** Brings a call to the worker where it is parked; without that nobody has it, which is for the lot to say. */
  bringParked(
    owner: string,
    { call, body }: { readonly call: HttpCall; readonly body: Buffer },
    on: Pick<Errand, 'here' | 'failed'>,
  ): void {
    const isThere = (): boolean => !call.handedOver && this.isOther(owner);
    void this.bring({ call, body, home: () => (isThere() ? owner : undefined), ...on });
  }

  /** Whether a message of HTTP+SSE has been taken to the worker that has the stream. */
  takesMessage(slot: number, call: Errand['call'], on: Pick<Errand, 'here' | 'failed'>): boolean {
    if (this.inSlot(slot) === undefined) return false;
    void this.bring({ call, body: undefined, home: () => this.inSlot(slot), ...on });
    return true;
  }

  /** The others, for what a session says without waiting for an answer. */
  fellowsOf(session: SealedSession, { route }: Pick<HttpCall, 'route'>): Fellows {
    return this.parts.elsewhere.fellowsOf(session, route.path);
  }

  get slot(): number {
    return this.parts.bus.self.slot;
  }

  close(): void {
    for (const line of this.lines.values()) line.close();
  }

  private async bring({ call, body, home, here, failed }: Errand): Promise<void> {
    const { request, response, intake } = call;
    if (request.method === 'POST') {
      // What is answered elsewhere is under way here as well.
      intake.enter();
      response.once('close', () => intake.leave());
    }
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const to = await home();
      if (response.destroyed) return;
      if (to === undefined) return here();
      const outcome = await this.lineTo(to).hand({ request, response, body });
      if (outcome === 'answered' || response.destroyed) return;
      // Whatever it was that it began to do may be done: it is not done again. To listen again does nothing twice.
      const isOver = outcome === 'lost' && request.method !== 'GET';
      if (isOver || !(await this.hasLeft(to))) break;
    }
    failed(new GatewayError('gateway_worker_gone', 'the worker that has the session did not answer'));
  }

  private lineTo(worker: string): Line {
    let line = this.lines.get(worker);
    if (!line) this.lines.set(worker, (line = new Line(worker, this.parts.paths, this.parts.waybills)));
    return line;
  }

  private forget(worker: string): void {
    this.lines.get(worker)?.close();
    this.lines.delete(worker);
    this.parts.paths.remove(worker);
  }

  /** Another worker, by its number. */
  private inSlot(slot: number): string | undefined {
    return this.others.find((worker) => worker.slot === slot)?.id;
  }

  private isOther(worker: string): boolean {
    return this.others.some(({ id }) => id === worker);
  }

  private get others(): readonly WorkerRef[] {
    const { bus } = this.parts;
    return bus.workers().filter(({ id }) => id !== bus.self.id);
  }

  /** Whether it is known to have ended, now or in a moment. */
  private hasLeft(worker: string): Promise<boolean> {
    if (!this.isOther(worker)) return Promise.resolve(true);
    return new Promise((resolve) => {
      const settle = (left: boolean): void => {
        clearTimeout(timer);
        stop();
        resolve(left);
      };
      const timer = setTimeout(() => settle(false), GONE_WITHIN_MS).unref();
      const stop = this.parts.bus.onLeft(({ id }) => id === worker && settle(true));
    });
  }
}
