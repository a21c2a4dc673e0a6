import { Inject, Injectable } from '@nestjs/common';

import { CLOCK, type Clock } from '../core/clock.js';
import type { KeyValue } from './key-value.js';

interface Entry {
  readonly value: string;
  /** Monotonic milliseconds. */
  readonly until: number;
}

const MAX_ENTRIES = 100_000;

/** Keeps values in this process: bounded, without timers, the oldest entry goes when it is full. */
@Injectable()
export class MemoryStore implements KeyValue {
  private readonly entries = new Map<string, Entry>();

  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly maxEntries: number = MAX_ENTRIES,
  ) {}

  get size(): number {
    return this.entries.size;
  }

  async get(key: string): Promise<string | undefined> {
    const entry = this.entries.get(key);
    if (!entry) return undefined;
    if (entry.until > this.clock.now()) return entry.value;
    this.entries.delete(key);
    return undefined;
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    this.entries.delete(key);
    if (ttlMs <= 0) return;
    if (this.entries.size >= this.maxEntries) this.dropOldest();
    this.entries.set(key, { value, until: this.clock.now() + ttlMs });
  }

  async delete(key: string): Promise<void> {
    this.entries.delete(key);
  }

  private dropOldest(): void {
    const [oldest] = this.entries.keys();
    if (oldest !== undefined) this.entries.delete(oldest);
  }
}
