import { PRIMARY_ID, type WorkerBus, type WorkerRef } from '../../core/worker-bus.js';
import { Endpoint, type Place } from './endpoint.js';
import type { Frame } from './frame.js';

/** Where a worker is reached. */
export interface Line {
  send(frame: Frame): void;
}

interface Member {
  readonly worker: WorkerRef;
  readonly line: Line;
}

/** Where all frames meet: in the primary, which is on the bus itself. */
export class Hub {
  readonly bus: WorkerBus;
  private readonly endpoint: Endpoint;
  private readonly members = new Map<string, Member>();

  /** @param size how many workers are configured */
  constructor({ size, secret }: Pick<Place, 'size' | 'secret'>) {
    // The primary is reached by workers however many there are; `size` of it counts itself among them.
    const place = { self: { id: PRIMARY_ID, slot: 0 }, size: size + 1, secret };
    this.endpoint = new Endpoint(place, (frame) => this.route(frame));
    this.bus = this.endpoint;
  }

  /** A worker is there: everybody hears of it. */
  join(worker: WorkerRef, line: Line): void {
    this.members.set(worker.id, { worker, line });
    this.tellMembers();
  }

  /** It has ended. Who waits for an answer of it waits no more. */
  leave(id: string): void {
    if (this.members.delete(id)) this.tellMembers();
  }

  /** Takes what a worker sent, and sees to it that it says who it is. */
  receive(sender: WorkerRef, frame: Frame): void {
    if (frame.kind === 'members') return;
    this.route('from' in frame ? { ...frame, from: sender } : frame);
  }

  private route(frame: Frame): void {
    if (frame.kind === 'members') return;
    if (frame.to === undefined) return this.spread(frame as Frame & { kind: 'tell' });
    if (frame.to === PRIMARY_ID) return this.endpoint.take(frame);
    const member = this.members.get(frame.to);
    if (member) return member.line.send(frame);
    if (frame.kind !== 'ask') return;
    const { question, from } = frame;
    this.route({ kind: 'failure', to: from.id, question, reason: 'gone', message: 'there is no such worker' });
  }

  /** To all workers but the one that it comes from. */
  private spread(frame: Frame & { kind: 'tell' }): void {
    for (const { worker, line } of this.members.values()) if (worker.id !== frame.from.id) line.send(frame);
  }

  private tellMembers(): void {
    const workers = [...this.members.values()].map(({ worker }) => worker).toSorted((a, b) => a.slot - b.slot);
    const frame: Frame = { kind: 'members', workers };
    this.endpoint.take(frame);
    for (const { line } of this.members.values()) line.send(frame);
  }
}
