import { Injectable, type OnModuleDestroy } from '@nestjs/common';

import { AuthRefusal } from '../auth-refusal.js';
import { Bcrypt } from './bcrypt.js';
import type { PasswordHash } from './password-hash.js';
import { matchesScrypt } from './scrypt.js';

/** How many passwords are hashed at a time: the threads that Node has for it also read files and resolve names. */
const AT_A_TIME = 2;
const MAX_WAITING = 128;
/** How many may wait that came from one address, so that one that guesses keeps nobody else out. */
const MAX_WAITING_OF_ONE = 8;

/** Compares passwords, which takes long on purpose: few at a time, in turn, and with a bound on those who wait. */
@Injectable()
export class PasswordCheck implements OnModuleDestroy {
  private readonly bcrypt = new Bcrypt();
  private readonly queue: (() => void)[] = [];
  private readonly perSource = new Map<string, number>();
  private running = 0;

  async onModuleDestroy(): Promise<void> {
    await this.bcrypt.stop();
  }

  /** @param source who asks, as far as can be told @throws AuthRefusal where too many wait already */
  async matches(password: string, hash: PasswordHash, source: string): Promise<boolean> {
    const own = this.perSource.get(source) ?? 0;
    if (own >= MAX_WAITING_OF_ONE || this.queue.length >= MAX_WAITING) throw new AuthRefusal('busy');
    this.perSource.set(source, own + 1);
    try {
      await this.turn();
      return await this.compare(password, hash);
    } finally {
      this.leave(source);
    }
  }

  private compare(password: string, hash: PasswordHash): Promise<boolean> {
    return hash.kind === 'scrypt' ? matchesScrypt(password, hash) : this.bcrypt.matches(password, hash.text);
  }

  private async turn(): Promise<void> {
    if (this.running < AT_A_TIME) this.running++;
    // Whoever leaves hands its place over.
    else await new Promise<void>((resolve) => this.queue.push(resolve));
  }

  private leave(source: string): void {
    const left = (this.perSource.get(source) ?? 1) - 1;
    if (left > 0) this.perSource.set(source, left);
    else this.perSource.delete(source);
    const next = this.queue.shift();
    if (next) next();
    else this.running--;
  }
}
