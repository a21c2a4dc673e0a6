import { Inject, Injectable } from '@nestjs/common';

import { CLOCK, type Clock } from '../core/clock.js';
import { Connections } from './connections.js';
import { SessionStreams } from './http/session-streams.js';
import { Intake } from './intake.js';
import { Visitors } from './modern/visitors.js';
import { draining } from './overload.js';
import { UnixListener } from './unix/unix-listener.js';

/** The downstream side as a whole. */
@Injectable()
export class Downstream {
  constructor(
    private readonly intake: Intake,
    private readonly connections: Connections,
    private readonly streams: SessionStreams,
    private readonly visitors: Visitors,
    private readonly unix: UnixListener,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Exchanges that wait for their reply. */
  get inFlight(): number {
    return this.intake.inFlight;
  }

  /** True from the first call of `drain`. */
  get draining(): boolean {
    return this.intake.draining;
  }

  /**
   * Takes nothing new from now on (`gateway_draining`), and lets what is in flight finish: connections
   * that are sessions are closed as soon as they have nothing to wait for, session streams and listens at once. What is left
   * after so many milliseconds is answered `gateway_draining`. Resolves when nothing is in flight any
   * more; true when everything could finish by itself.
   */
  async drain(withinMs: number): Promise<boolean> {
    this.intake.close();
    this.unix.stop();
    this.streams.dismissAll();
    this.visitors.listens.dismissAll();
    this.drainConnections();
    const finished = await this.idleWithin(withinMs);
    if (!finished) this.giveUp();
    this.drainConnections();
    return finished;
  }

  private idleWithin(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = this.clock.after(ms, () => resolve(false));
      this.intake.whenIdle(() => {
        timer.cancel();
        resolve(true);
      });
    });
  }

  private giveUp(): void {
    const error = draining();
    for (const { session } of this.connections.all()) session.fail(error);
    for (const exchange of this.visitors.all()) exchange.fail(error);
  }

  private drainConnections(): void {
    for (const connected of this.connections.all()) connected.drain();
  }
}
