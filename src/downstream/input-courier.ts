import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';

import { shapeInput } from '../bridge/index.js';
import { ConfigService, TimeoutSection } from '../config/index.js';
import { CLOCK, type Clock } from '../core/clock.js';
import { DeadlineSweep } from '../core/deadline-sweep.js';
import type { InputRequest } from '../core/message.js';
import { nextInputId, PendingInput, type Session } from '../session/index.js';

/** On whose behalf a client is asked. */
export interface InputOwner {
  /** Sends a frame to the client. False where it cannot be told anything. */
  carry(frame: Buffer): boolean;
  /** The client is about to be asked. */
  opened?(input: PendingInput): void;
  /** It is over. @param answered whether by the client */
  closed?(input: PendingInput, answered: boolean): void;
}

/**
 * Brings the questions of servers to clients, and answers those in the client's place that it cannot be asked:
 * because it did not declare that it can, its revision has no such thing, nothing leads to it, it was asked too
 * much already, or it does not answer in time. Every question is answered or withdrawn in the end.
 */
@Injectable()
export class InputCourier implements OnModuleDestroy {
  private readonly open = new Set<PendingInput>();
  private readonly sweep: DeadlineSweep<PendingInput>;
  private timeout: number;

  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    config: ConfigService,
  ) {
    this.timeout = config.get(TimeoutSection).input;
    config.changes.subscribe(({ next }) => {
      this.timeout = next.get(TimeoutSection).input;
    });
    this.sweep = new DeadlineSweep(
      clock,
      () => this.open,
      (late) => late.refuse('no answer in time'),
    );
  }

  /** Asks the client of that session, and nobody else. */
  ask(request: InputRequest, session: Session, owner: InputOwner): void {
    const { peer, inputs } = session;
    const shaped = peer && !session.ended && !inputs.full ? shapeInput(request, peer) : undefined;
    if (!peer || !shaped) return request.refused();
    const deadline = this.clock.now() + this.timeout;
    const input = new PendingInput(
      shaped,
      { id: nextInputId(), deadline },
      {
        carry: (frame) => owner.carry(frame),
        closed: (answered) => {
          inputs.remove(input);
          this.open.delete(input);
          owner.closed?.(input, answered);
        },
      },
    );
    inputs.add(input);
    this.open.add(input);
    owner.opened?.(input);
    input.ask();
    this.sweep.watch(deadline);
  }

  onModuleDestroy(): void {
    this.sweep.close();
  }
}
