import { randomBytes } from 'node:crypto';

import { ManualClock } from '../../test/support/manual-clock.js';
import type { ConfigService } from '../config/index.js';
import type { Peer } from '../core/peer.js';
import { ANONYMOUS, type Principal } from '../core/principal.js';
import { Sealer } from '../core/sealed.js';
import { MemoryStore } from '../storage/index.js';
import { Session, type InFlight } from './session.js';
import { SessionSection } from './session.section.js';
import { SessionStore } from './session.store.js';

const MINUTE = 60_000;
const PEER: Peer = {
  era: 'legacy',
  revision: '2025-06-18',
  capabilities: { sampling: {} },
  info: { name: 'desk', version: '2' },
};
const SOMEBODY: Principal = { method: 'jwt', subject: 'ada', roles: [], tenant: undefined };

function harness(section: Partial<SessionSection> = {}) {
  const clock = new ManualClock();
  const sealer = new Sealer(randomBytes(32));
  const marks = new MemoryStore(clock);
  const config = { get: () => Object.assign(new SessionSection(), section) } as unknown as ConfigService;
  const open = () => new SessionStore(sealer, marks, clock, config);
  return { clock, store: open(), another: open() };
}

function inFlight(): InFlight & { cancelled: number } {
  return {
    deadline: 0,
    server: undefined,
    cancelled: 0,
    cancel() {
      this.cancelled++;
    },
    fail: () => undefined,
  };
}

describe('a session', () => {
  it('keeps ids of different types apart', () => {
    const session = new Session('s', ANONYMOUS);
    for (const id of [0, '', '0', 1, '1']) session.inFlight.set(id, inFlight());
    expect(session.inFlight.size).toBe(5);
  });

  it('cancels what is in flight when it ends, once', () => {
    const session = new Session('s', ANONYMOUS);
    const exchange = inFlight();
    const ended = vi.fn();
    session.inFlight.set(1, exchange);
    session.onEnd(ended);
    session.end();
    session.end();
    expect(exchange.cancelled).toBe(1);
    expect(ended).toHaveBeenCalledTimes(1);
    expect(session.inFlight.size).toBe(0);
  });

  it('tells at once who asks for its end too late', () => {
    const session = new Session('s', ANONYMOUS);
    const ended = vi.fn();
    session.end();
    session.onEnd(ended);
    expect(ended).toHaveBeenCalledTimes(1);
  });
});

describe('the session store', () => {
  it('finds a session by the id that it gave out', async () => {
    const { store } = harness();
    const session = store.create(PEER, ANONYMOUS);
    expect(await store.find(session.token, ANONYMOUS)).toBe(session);
    expect(session.peer).toEqual(PEER);
  });

  it('gives out ids that fit into a header and tell nothing', () => {
    const { store } = harness();
    const { token, id } = store.create(PEER, ANONYMOUS);
    expect(token).toMatch(/^[\x21-\x7e]+$/);
    expect(token).not.toContain(id);
    expect(store.create(PEER, ANONYMOUS).token).not.toBe(token);
  });

  it('keeps ids short, whatever a client says about itself', () => {
    const { store } = harness();
    const capabilities = { sampling: {}, roots: { listChanged: true }, experimental: { x: 'y'.repeat(100_000) } };
    const wordy = { ...PEER, capabilities, info: { name: 'n'.repeat(10_000), version: 'v'.repeat(10_000) } };
    const session = store.create(wordy, ANONYMOUS);
    expect(session.token.length).toBeLessThan(2_048);
    expect(session.peer.capabilities).toEqual({ sampling: {}, roots: {} });
  });

  it('knows no id that it did not give out', async () => {
    const { store } = harness();
    const { token } = store.create(PEER, ANONYMOUS);
    const altered = (token.startsWith('A') ? 'B' : 'A') + token.slice(1);
    for (const stranger of ['', 'gone', '__proto__', altered, token.slice(0, -1), `${token}A`, 'x'.repeat(100_000)]) {
      expect(await store.find(stranger, ANONYMOUS)).toBeUndefined();
    }
    expect(await harness().store.find(token, ANONYMOUS)).toBeUndefined();
  });

  it('does not know a session to anybody but its principal', async () => {
    const { store, another } = harness();
    const { token } = store.create(PEER, SOMEBODY);
    for (const process of [store, another]) {
      expect(await process.find(token, ANONYMOUS)).toBeUndefined();
      expect(await process.find(token, { ...SOMEBODY })).toBeDefined();
    }
  });

  it('is found by every process that shares the key, until it is ended', async () => {
    const { store, another } = harness();
    const session = store.create(PEER, ANONYMOUS);
    const same = await another.find(session.token, ANONYMOUS);
    expect(same?.id).toBe(session.id);
    expect(same?.peer).toEqual(PEER);
    await store.end(session);
    expect(session.ended).toBe(true);
    expect(await store.find(session.token, ANONYMOUS)).toBeUndefined();
  });

  it('stays ended where it was never seen', async () => {
    const { store, another } = harness();
    const session = store.create(PEER, ANONYMOUS);
    await store.end(session);
    expect(await another.find(session.token, ANONYMOUS)).toBeUndefined();
  });

  it('ends a session that is silent for too long', async () => {
    const { clock, store } = harness();
    const session = store.create(PEER, ANONYMOUS);
    clock.advance(29 * MINUTE);
    expect(await store.find(session.token, ANONYMOUS)).toBe(session);
    clock.advance(31 * MINUTE);
    expect(session.ended).toBe(true);
    expect(await store.find(session.token, ANONYMOUS)).toBeUndefined();
    expect(clock.timers).toBe(0);
  });

  it('does not take a session for idle that waits for a reply or listens', () => {
    const { clock, store } = harness();
    const waiting = store.create(PEER, ANONYMOUS);
    const listening = store.create(PEER, ANONYMOUS);
    waiting.inFlight.set(1, inFlight());
    listening.streams++;
    clock.advance(90 * MINUTE);
    expect([waiting.ended, listening.ended]).toEqual([false, false]);
  });

  it('ends every session at its greatest age', async () => {
    const { clock, store, another } = harness({ maxAge: 60 * MINUTE });
    const session = store.create(PEER, ANONYMOUS);
    session.streams++;
    clock.advance(60 * MINUTE + 1);
    expect(session.ended).toBe(true);
    expect(await another.find(session.token, ANONYMOUS)).toBeUndefined();
  });

  it('sets the session aside that was silent longest when there is no room, until it is heard again', async () => {
    const { clock, store } = harness({ maxSessions: 2 });
    const first = store.create(PEER, ANONYMOUS);
    clock.advance(1);
    const second = store.create(PEER, ANONYMOUS);
    clock.advance(1);
    store.create(PEER, ANONYMOUS);
    expect([first.ended, second.ended, store.size]).toEqual([true, false, 2]);

    const back = await store.find(first.token, ANONYMOUS);
    expect(back).toMatchObject({ id: first.id, ended: false });
    expect([second.ended, store.size]).toEqual([true, 2]);
  });

  it('refuses a new session when there is no room and all are busy', () => {
    const { store } = harness({ maxSessions: 2 });
    store.create(PEER, ANONYMOUS).inFlight.set(1, inFlight());
    store.create(PEER, ANONYMOUS).streams++;
    expect(() => store.create(PEER, ANONYMOUS)).toThrow(expect.objectContaining({ code: 'limit_sessions' }));
  });
});
