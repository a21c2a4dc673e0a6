import type { Clock } from '../../core/clock.js';
import type { Channel } from '../channel/channel.js';
import { Prober, type Probed, type ProbeSettings } from '../probes/prober.js';

/** Who hears how a server does. */
export interface HealthListener {
  /** One answer, or its absence. */
  probed(healthy: boolean, latencyMs: number): void;
  /** The verdict has changed. */
  judged(healthy: boolean): void;
}

/** Asks a server now and then whether it is there, for as long as it is connected. */
export class Health {
  private prober: Prober | undefined;

  constructor(
    private readonly settings: ProbeSettings,
    private readonly clock: Clock,
    private readonly listener: HealthListener,
  ) {}

  /** The server was introduced on this channel: it begins healthy. */
  connected(channel: Channel): void {
    this.stop();
    const { listener } = this;
    const probed: Probed = {
      probe: (deadline) => isAnswered(channel, deadline),
      probed: (healthy, latencyMs) => listener.probed(healthy, latencyMs),
      judged: (healthy) => listener.judged(healthy),
    };
    this.prober = new Prober(this.settings, this.clock, probed);
    this.prober.start();
  }

  /** Something went wrong that may mean that the server is gone: it is asked at once. */
  doubt(): void {
    this.prober?.hurry();
  }

  stop(): void {
    this.prober?.stop();
  }
}

async function isAnswered(channel: Channel, deadline: number): Promise<boolean> {
  try {
    await channel.check(deadline);
    return true;
  } catch {
    return false;
  }
}
