import type { Clock, Timer } from '../../../core/clock.js';
import type { Abandonable } from './http-host.js';

const PATIENCE_MS = 5_000;

/**
 * Streams that have brought their reply and are still open. A server that never closes them would use
 * up all connections, so after five seconds, ten at most, we do. One timer watches over all.
 */
export class Lingering {
  private older = new Set<Abandonable>();
  private younger = new Set<Abandonable>();
  private timer: Timer | undefined;

  constructor(private readonly clock: Clock) {}

  add(post: Abandonable): void {
    this.younger.add(post);
    this.timer ??= this.clock.after(PATIENCE_MS, () => this.sweep());
  }

  delete(post: Abandonable): void {
    if (!this.younger.delete(post)) this.older.delete(post);
  }

  close(): void {
    this.timer?.cancel();
    for (const post of [...this.older, ...this.younger]) post.abandon();
  }

  private sweep(): void {
    const late = this.older;
    this.older = this.younger;
    this.younger = new Set();
    this.timer = this.older.size > 0 ? this.clock.after(PATIENCE_MS, () => this.sweep()) : undefined;
    for (const post of late) post.abandon();
  }
}
