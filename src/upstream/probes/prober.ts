import type { Clock, Timer } from '../../core/clock.js';
import { Hysteresis, type Thresholds } from './hysteresis.js';

/** When and how a server is asked; durations in milliseconds. */
export interface ProbeSettings extends Thresholds {
  readonly enabled: boolean;
  readonly interval: number;
  readonly timeout: number;
  readonly jitter: number;
}

/** The server, as a prober sees it. */
export interface Probed {
  /** Asks the server; true when it answered in time, whatever it answered. Never rejects. */
  probe(deadline: number): Promise<boolean>;
  /** One answer, or its absence. */
  probed(healthy: boolean, latencyMs: number): void;
  /** The verdict has changed. */
  judged(healthy: boolean): void;
}

/** Asks one connected server now and then whether it is still there, and tells when the verdict changes. */
export class Prober {
  private readonly hysteresis: Hysteresis;
  private timer: Timer | undefined;
  private checking = false;
  private stopped = false;

  constructor(
    private readonly settings: ProbeSettings,
    private readonly clock: Clock,
    private readonly server: Probed,
    private readonly random: () => number = Math.random,
  ) {
    this.hysteresis = new Hysteresis(settings);
  }

  start(): void {
    if (this.settings.enabled) this.schedule();
  }

  /** Asks now, unless it is asking already. */
  hurry(): void {
    if (!this.settings.enabled || this.stopped || this.checking) return;
    this.timer?.cancel();
    void this.check();
  }

  stop(): void {
    this.stopped = true;
    this.timer?.cancel();
  }

  private schedule(): void {
    const { interval, jitter } = this.settings;
    const wait = interval * (1 + jitter * (2 * this.random() - 1));
    this.timer = this.clock.after(wait, () => void this.check());
  }

  private async check(): Promise<void> {
    const began = this.clock.now();
    this.checking = true;
    const healthy = await this.server.probe(began + this.settings.timeout);
    this.checking = false;
    if (this.stopped) return;
    this.server.probed(healthy, this.clock.now() - began);
    if (this.hysteresis.record(healthy)) this.server.judged(this.hysteresis.healthy);
    this.schedule();
  }
}
