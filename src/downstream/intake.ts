import { Injectable } from '@nestjs/common';

/** Whether new work is taken, and how much is under way. */
@Injectable()
export class Intake {
  private active = 0;
  private closed = false;
  private waiting: (() => void)[] = [];

  /** True from the moment the gateway was told to stop. */
  get draining(): boolean {
    return this.closed;
  }

  /** Exchanges that wait for their reply. */
  get inFlight(): number {
    return this.active;
  }

  enter(): void {
    this.active++;
  }

  leave(): void {
    this.active--;
    if (this.active > 0 || this.waiting.length === 0) return;
    for (const callback of this.waiting.splice(0)) callback();
  }

  close(): void {
    this.closed = true;
  }

  /** Calls back once, as soon as nothing is under way. */
  whenIdle(callback: () => void): void {
    if (this.active === 0) callback();
    else this.waiting.push(callback);
  }
}
