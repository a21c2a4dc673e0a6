import type { Clock } from '../../core/clock.js';
import { McpRequest } from '../../core/message.js';
import type { LegacyChannel } from '../channel/legacy-channel.js';
import { Prober, type Probed, type ProbeSettings } from '../probes/prober.js';

const PING = new McpRequest('ping', undefined);

/** Who hears how a server does. */
export interface HealthListener {
  /** One answer, or its absence. */
  probed(healthy: boolean, latencyMs: number): void;
  /** The verdict has changed. */
  judged(healthy: boolean): void;
}

/** Pings a server for as long as it is connected. */
export class Health {
  private prober: Prober | undefined;

  constructor(
    private readonly settings: ProbeSettings,
    private readonly clock: Clock,
    private readonly listener: HealthListener,
  ) {}

  /** The server was introduced on this channel: it begins healthy. */
  connected(channel: LegacyChannel): void {
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

async function isAnswered(channel: LegacyChannel, deadline: number): Promise<boolean> {
  try {
    await channel.ask(PING, deadline);
    return true;
  } catch {
    return false;
  }
}
