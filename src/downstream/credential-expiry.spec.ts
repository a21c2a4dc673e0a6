import { Subject } from 'rxjs';

import { ManualClock } from '../../test/support/manual-clock.js';
import { type Principal, principalOf } from '../core/principal.js';
import type { Reception } from '../auth/index.js';
import { CredentialExpiry, type Expiring } from './credential-expiry.js';

/** Lets in again whoever it does not mistrust. */
class Door {
  readonly changes = new Subject<void>();
  readonly mistrusted = new Set<Principal>();
  asked = 0;

  stands(principal: Principal): boolean | Promise<boolean> {
    this.asked++;
    return !this.mistrusted.has(principal);
  }
}

class Stream implements Expiring {
  expired = 0;
  readonly route = 'mcp';
  readonly principal: Principal;

  constructor(expiresAt: number | undefined, principal?: Principal) {
    this.principal = principal ?? principalOf({ method: 'jwt', subject: 'ann', expiresAt });
  }

  expire(): void {
    this.expired++;
  }
}

describe('CredentialExpiry', () => {
  it('ends each when its credential has run out, with one timer for all', () => {
    const clock = new ManualClock();
    const expiry = new CredentialExpiry(clock, new Door() as unknown as Reception);
    const [soon, later] = [new Stream(clock.wall() + 1_000), new Stream(clock.wall() + 5_000)];
    expiry.watch(later);
    expiry.watch(soon);

    expect(clock.timers).toBe(1);
    clock.advance(999);
    expect([soon.expired, later.expired]).toEqual([0, 0]);
    clock.advance(1);
    expect([soon.expired, later.expired]).toEqual([1, 0]);
    clock.advance(4_000);
    expect([soon.expired, later.expired]).toEqual([1, 1]);
    expect([expiry.size, clock.timers]).toEqual([0, 0]);
  });

  it('asks for no timer for credentials without an end, nor when all that was watched is over', () => {
    const clock = new ManualClock();
    const expiry = new CredentialExpiry(clock, new Door() as unknown as Reception);
    expiry.watch(new Stream(undefined));
    expect(clock.timers).toBe(0);

    const stream = new Stream(clock.wall() + 1_000);
    expiry.watch(stream);
    expiry.forget(stream);
    expect(clock.timers).toBe(0);
    clock.advance(2_000);
    expect(stream.expired).toBe(0);
  });

  it('goes by the wall clock, and notices within half a minute that it was set', () => {
    let shift = 0;
    class ShiftedClock extends ManualClock {
      override wall(): number {
        return super.wall() + shift;
      }
    }
    const clock = new ShiftedClock();
    const expiry = new CredentialExpiry(clock, new Door() as unknown as Reception);
    const stream = new Stream(clock.wall() + 3_600_000);
    expiry.watch(stream);

    shift = 3_600_000;
    clock.advance(30_000);
    expect(stream.expired).toBe(1);
  });

  it('does not end early what the clock was set back for', () => {
    let shift = 0;
    class ShiftedClock extends ManualClock {
      override wall(): number {
        return super.wall() + shift;
      }
    }
    const clock = new ShiftedClock();
    const expiry = new CredentialExpiry(clock, new Door() as unknown as Reception);
    const stream = new Stream(clock.wall() + 10_000);
    expiry.watch(stream);

    shift = -60_000;
    clock.advance(60_000);
    expect(stream.expired).toBe(0);
    clock.advance(10_100);
    expect(stream.expired).toBe(1);
  });

  it('ends what would not be let in any more after a change, asking once for each principal', async () => {
    const door = new Door();
    const expiry = new CredentialExpiry(new ManualClock(), door as unknown as Reception);
    const [gone, alsoGone, kept] = [new Stream(undefined), new Stream(undefined), new Stream(undefined)];
    const twin = new Stream(undefined, gone.principal);
    for (const each of [gone, alsoGone, kept, twin]) expiry.watch(each);
    door.mistrusted.add(gone.principal).add(alsoGone.principal);

    door.changes.next();
    door.changes.next();
    await Promise.resolve();
    expect([gone, twin, alsoGone, kept].map(({ expired }) => expired)).toEqual([1, 1, 1, 0]);
    expect([door.asked, expiry.size]).toEqual([3, 1]);
  });
});
