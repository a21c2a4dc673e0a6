import cluster, { type Worker } from 'node:cluster';

import type { ConfigInForce } from '../../core/reload.js';
import type { WorkerRef } from '../../core/worker-bus.js';
import type { WorkerView } from '../../core/workers-view.js';
import { frameOf } from '../bus/frame.js';
import type { Hub } from '../bus/hub.js';
import { newWorkerId } from '../bus/local-bus.js';
import { isHello, welcomeMessage } from '../welcome.js';
import { Berth, type Occupant } from './berth.js';
import { HandedOver } from './handed-over.js';
import type { PrimaryLog } from './primary-log.js';
import { CRASH_LOOP, respawnDelay, STABLE_MS } from './respawn-delay.js';

/** Takes all rights from everybody but the owner. */
const OWNER_ONLY = 0o177;

/** What the crew needs of the primary. */
export interface CrewHost {
  readonly hub: Hub;
  readonly log: PrimaryLog;
  readonly size: number;
  inForce(): ConfigInForce | undefined;
  /** A worker has ended before all were there for the first time: the start is over. */
  failed(code: number): void;
  /** The last one has ended, of those that were to. */
  gone(code: number): void;
}

/** The workers: starts them, and starts them again. */
export class Crew {
  private readonly berths: readonly Berth[];
  private phase: 'starting' | 'serving' | 'stopping' = 'starting';
  private exitCode = 0;
  private readonly umask = process.umask(OWNER_ONLY);
  private stoppedBy: NodeJS.Signals | undefined;

  constructor(private readonly host: CrewHost) {
    this.berths = Array.from({ length: host.size }, (_, n) => new Berth(n + 1));
  }

  views(): readonly WorkerView[] {
    return this.berths.map(({ view }) => view);
  }

  /** Who serves, with those that finish what they have: a configuration that shuts somebody out holds for them too. */
  serving(): readonly WorkerRef[] {
    return this.berths.flatMap(({ readyAt, occupant }) => (readyAt !== undefined && occupant ? [occupant.ref] : []));
  }

  /** Starts the first alone. What is wrong with a configuration need not be found by all of them. */
  begin(): void {
    this.spawn(this.berths[0] as Berth);
  }

  /** Starts all others. */
  complete(): void {
    if (this.phase !== 'starting') return;
    for (const berth of this.berths) if (!berth.occupant) this.spawn(berth);
  }

  /** From now on whoever ends is replaced. */
  serve(): void {
    this.phase = 'serving';
  }

  noteReady({ id }: WorkerRef): void {
    const berth = this.berthOf(id);
    if (!berth || this.phase === 'stopping') return;
    berth.state = 'ready';
    berth.readyAt = performance.now();
  }

  /** It was asked to stop. Whether the others go on. */
  noteLeaving({ id }: WorkerRef): boolean {
    const berth = this.berthOf(id);
    if (!berth || this.phase !== 'serving') return false;
    berth.state = 'stopping';
    return true;
  }

  /** It did not what it was to do: another takes its place at once. */
  replace({ id, slot }: WorkerRef, why: string): void {
    this.host.log.warn(`worker ${slot} is replaced: ${why}`);
    this.berthOf(id)?.kill('SIGKILL');
  }

  /** Asks all to finish what they have and end. */
  stop(signal: NodeJS.Signals): void {
    this.phase = 'stopping';
    this.stoppedBy ??= signal;
    for (const berth of this.berths) {
      clearTimeout(berth.respawn);
      berth.respawn = undefined;
      berth.state = 'stopping';
      berth.kill(signal);
    }
    this.leaveIfEmpty();
  }

  private spawn(berth: Berth): void {
    const worker = this.fork();
    const ref: WorkerRef = { id: newWorkerId(), slot: berth.slot };
    berth.occupant = { ref, worker, handedOver: new HandedOver(worker) };
    berth.state = 'starting';
    berth.readyAt = undefined;
    worker.on('message', (message: unknown) => this.receive(ref, worker, message));
    worker.on('error', (error) => this.host.log.warn(`worker ${berth.slot} cannot be reached: ${error.message}`));
    worker.once('exit', (code, signal) => this.ended(berth, code, signal));
  }

  /** What the primary makes, such as a unix socket, is for its own user alone; workers have the mask that it was started with. */
  private fork(): Worker {
    const own = process.umask(this.umask);
    try {
      return cluster.fork();
    } finally {
      process.umask(own);
    }
  }

  private receive(ref: WorkerRef, worker: Worker, message: unknown): void {
    const { hub, size } = this.host;
    if (isHello(message)) {
      const place = { self: ref, size, secret: hub.bus.secret };
      worker.send(welcomeMessage({ ...place, inForce: this.host.inForce(), isLate: this.phase === 'serving' }));
      hub.join(ref, { send: (frame) => void (worker.isConnected() && worker.send({ mcpGateway: frame })) });
      return;
    }
    const frame = frameOf(message);
    if (frame) hub.receive(ref, frame);
  }

  private ended(berth: Berth, code: number | null, signal: string | null): void {
    const { ref, handedOver } = berth.occupant as Occupant;
    berth.occupant = undefined;
    handedOver.close();
    this.host.hub.leave(ref.id);
    const failure = code ?? 1;
    if (this.phase === 'stopping') {
      // The signal that it was sent ends one that knows of no signals yet.
      this.exitCode ||= signal === this.stoppedBy ? 0 : failure;
      this.leaveIfEmpty();
    } else if (this.phase === 'starting') {
      this.exitCode = failure;
      this.host.failed(failure);
    } else this.replaceLater(berth, { code, signal });
  }

  private replaceLater(berth: Berth, how: { code: number | null; signal: string | null }): void {
    const { log } = this.host;
    const { slot, readyAt } = berth;
    const wasStable = readyAt !== undefined && performance.now() - readyAt >= STABLE_MS;
    // Somebody asked it to stop, and it did.
    const wasAsked = how.code === 0 && readyAt !== undefined;
    berth.deaths = wasStable || wasAsked ? 1 : berth.deaths + 1;
    const delayMs = wasAsked ? 0 : respawnDelay(berth.deaths);
    const fields = { slot, exit_code: how.code, signal: how.signal, deaths: berth.deaths, delay_ms: delayMs };
    if (berth.deaths >= CRASH_LOOP) log.error(`worker ${slot} ends again and again`, fields);
    else log.warn(`worker ${slot} has ended`, fields);
    berth.state = 'waiting';
    berth.respawn = setTimeout(() => {
      berth.respawn = undefined;
      berth.restarts++;
      this.spawn(berth);
    }, delayMs);
  }

  private leaveIfEmpty(): void {
    if (this.berths.every(({ occupant }) => !occupant)) this.host.gone(this.exitCode);
  }

  private berthOf(id: string): Berth | undefined {
    return this.berths.find(({ occupant }) => occupant?.ref.id === id);
  }
}
