import { randomBytes } from 'node:crypto';

import { ManualClock } from '../../test/support/manual-clock.js';
import type { ConfigService } from '../config/index.js';
import type { Peer } from '../core/peer.js';
import { ANONYMOUS, principalOf } from '../core/principal.js';
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
const SOMEBODY = principalOf({ method: 'jwt', subject: 'ada' });

/** Two processes that share a key, unless another configuration says that there is none. */
function harness(section: Partial<SessionSection> = {}) {
  const clock = new ManualClock();
  const sealer = new Sealer(randomBytes(32));
  const marks = new MemoryStore(clock);
  const config = {
    get: () => Object.assign(new SessionSection(), { keys: ['shared'] }, section),
  } as unknown as ConfigService;
  const open = () => new SessionStore(sealer, marks, clock, config);
  return { clock, sealer, marks, store: open(), another: open() };
}

function inFlight(): InFlight & { cancelled: number } {
  return {
    deadline: 0,
    server: undefined,
    cancelled: 0,
    carry: () => false,
    standStill: () => undefined,
    goOn: () => undefined,
    cancel() {
      this.cancelled++;
    },
    fail: () => undefined,
  };
}

describe('a session', () => {
  it('keeps ids of different types apart', () => {
    const session = new Session('s', ANONYMOUS, 'mcp');
    for (const id of [0, '', '0', 1, '1']) session.inFlight.set(id, inFlight());
    expect(session.inFlight.size).toBe(5);
  });

  it('cancels what is in flight when it ends, once', () => {
    const session = new Session('s', ANONYMOUS, 'mcp');
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
    const session = new Session('s', ANONYMOUS, 'mcp');
    const ended = vi.fn();
    session.end();
    session.onEnd(ended);
    expect(ended).toHaveBeenCalledTimes(1);
  });
});

describe('the session store', () => {
  it('ends a session for whoever has lost a role since, and keeps it for whoever has gained one', async () => {
    const { store } = harness();
    const as = (...roles: string[]) => principalOf({ method: 'jwt', subject: 'ada', roles });
    const session = store.create(PEER, as('reader'), 'mcp');
    expect(await store.find(session.token, as('reader', 'admin'))).toBe(session);
    expect(session.principal.roles).toEqual(['reader', 'admin']);
    expect(await store.find(session.token, as('reader'))).toBeUndefined();
    expect(session.ended).toBe(true);
    expect(await store.find(session.token, as('reader', 'admin'))).toBeUndefined();
  });

  it('finds a session by the id that it gave out', async () => {
    const { store } = harness();
    const session = store.create(PEER, ANONYMOUS, 'mcp');
    expect(await store.find(session.token, ANONYMOUS)).toBe(session);
    expect(session.peer).toEqual(PEER);
  });

  it('gives out ids that fit into a header and tell nothing', () => {
    const { store } = harness();
    const { token, id } = store.create(PEER, ANONYMOUS, 'mcp');
    expect(token).toMatch(/^[\x21-\x7e]+$/);
    expect(token).not.toContain(id);
    expect(store.create(PEER, ANONYMOUS, 'mcp').token).not.toBe(token);
  });

  it('keeps ids short, whatever a client says about itself', () => {
    const { store } = harness();
    const capabilities = {
      sampling: { tools: {}, more: {} },
      roots: { listChanged: true },
      elicitation: {},
      experimental: { x: 'y'.repeat(100_000) },
    };
    for (const character of ['n', '\u0000', '€', '🙂']) {
      const wordy = {
        ...PEER,
        capabilities,
        info: { name: character.repeat(10_000), version: character.repeat(10_000) },
      };
      const session = store.create(wordy, ANONYMOUS, 'r'.repeat(32));
      expect(session.token.length).toBeLessThan(2_048);
      expect(session.peer.capabilities).toEqual({
        sampling: { tools: {} },
        roots: { listChanged: true },
        elicitation: {},
      });
    }
    const roomy = {
      ...PEER,
      capabilities: { experimental: { x: 'y'.repeat(740) } },
      info: { name: '€'.repeat(63), version: 'v'.repeat(190) },
    };
    expect(store.create(roomy, ANONYMOUS, 'r'.repeat(32)).token.length).toBeLessThan(2_048);
    expect(store.create(roomy, ANONYMOUS, 'mcp').peer).toEqual(roomy);
  });

  it('knows no id that it did not give out', async () => {
    const { store } = harness();
    const { token } = store.create(PEER, ANONYMOUS, 'mcp');
    const altered = (token.startsWith('A') ? 'B' : 'A') + token.slice(1);
    for (const stranger of ['', 'gone', '__proto__', altered, token.slice(0, -1), `${token}A`, 'x'.repeat(100_000)]) {
      expect(await store.find(stranger, ANONYMOUS)).toBeUndefined();
    }
    expect(await harness().store.find(token, ANONYMOUS)).toBeUndefined();
  });

  it('does not know a session to anybody but its principal', async () => {
    const { store, another } = harness();
    const { token } = store.create(PEER, SOMEBODY, 'mcp');
    for (const process of [store, another]) {
      expect(await process.find(token, ANONYMOUS)).toBeUndefined();
      expect(await process.find(token, { ...SOMEBODY })).toBeDefined();
    }
  });

  it('is found by every process that shares the key, until it is ended', async () => {
    const { store, another } = harness();
    const session = store.create(PEER, ANONYMOUS, 'mcp');
    const same = await another.find(session.token, ANONYMOUS);
    expect(same?.id).toBe(session.id);
    expect(same?.peer).toEqual(PEER);
    await store.end(session);
    expect(session.ended).toBe(true);
    expect(await store.find(session.token, ANONYMOUS)).toBeUndefined();
  });

  it('belongs to its route in every process', async () => {
    const { store, another } = harness();
    const { token } = store.create(PEER, ANONYMOUS, 'crm');
    expect([
      (await store.find(token, ANONYMOUS))?.routeName,
      (await another.find(token, ANONYMOUS))?.routeName,
    ]).toEqual(['crm', 'crm']);
  });

  it('outlives the key that it was sealed with for as long as that is listed', async () => {
    const { clock, sealer, store, another } = harness();
    const [secret, older] = [randomBytes(32), randomBytes(32)];
    sealer.changeSecrets(older);
    const session = store.create(PEER, ANONYMOUS, 'mcp');
    sealer.changeSecrets(secret, older);
    clock.advance(MINUTE);
    expect(await store.find(session.token, ANONYMOUS)).toBe(session);
    expect(await another.find(session.token, ANONYMOUS)).toMatchObject({ id: session.id });

    sealer.changeSecrets(secret);
    clock.advance(MINUTE);
    expect(session.ended).toBe(true);
    expect(await store.find(session.token, ANONYMOUS)).toBeUndefined();
  });

  it('stays ended where it was never seen', async () => {
    const { store, another } = harness();
    const session = store.create(PEER, ANONYMOUS, 'mcp');
    await store.end(session);
    expect(await another.find(session.token, ANONYMOUS)).toBeUndefined();
  });

  it('does not bring back what has ended, even if the mark of that was lost', async () => {
    const { store, marks } = harness({ keys: [] });
    const session = store.create(PEER, ANONYMOUS, 'mcp');
    await store.end(session);
    vi.spyOn(marks, 'get').mockResolvedValue(undefined);
    expect(await store.find(session.token, ANONYMOUS)).toBeUndefined();
  });

  it('ends a session that is silent for too long', async () => {
    const { clock, store } = harness({ keys: [] });
    const session = store.create(PEER, ANONYMOUS, 'mcp');
    clock.advance(29 * MINUTE);
    expect(await store.find(session.token, ANONYMOUS)).toBe(session);
    clock.advance(31 * MINUTE);
    expect(session.ended).toBe(true);
    expect(await store.find(session.token, ANONYMOUS)).toBeUndefined();
    expect(clock.timers).toBe(0);
  });

  it('only sets aside what is idle when other processes may be serving it', async () => {
    const { clock, store } = harness({ idleTimeout: 5 * MINUTE });
    const ended = vi.fn();
    const session = store.create(PEER, ANONYMOUS, 'mcp');
    session.onEnd(ended);
    clock.advance(6 * MINUTE);
    expect(ended).toHaveBeenCalledTimes(1);
    expect(await store.find(session.token, ANONYMOUS)).toMatchObject({ id: session.id });
  });

  it('does not take a session for idle that waits for a reply or listens', () => {
    const { clock, store } = harness();
    const waiting = store.create(PEER, ANONYMOUS, 'mcp');
    const listening = store.create(PEER, ANONYMOUS, 'mcp');
    waiting.inFlight.set(1, inFlight());
    listening.streams++;
    clock.advance(90 * MINUTE);
    expect([waiting.ended, listening.ended]).toEqual([false, false]);
  });

  it('ends every session at its greatest age', async () => {
    const { clock, store, another } = harness({ maxAge: 60 * MINUTE });
    const session = store.create(PEER, ANONYMOUS, 'mcp');
    session.streams++;
    clock.advance(60 * MINUTE + 1);
    expect(session.ended).toBe(true);
    expect(await another.find(session.token, ANONYMOUS)).toBeUndefined();
  });

  it('sets the session aside that was silent longest when there is no room, until it is heard again', async () => {
    const { clock, store } = harness({ maxSessions: 2 });
    const first = store.create(PEER, ANONYMOUS, 'mcp');
    clock.advance(1);
    const second = store.create(PEER, ANONYMOUS, 'mcp');
    clock.advance(1);
    store.create(PEER, ANONYMOUS, 'mcp');
    expect([first.ended, second.ended, store.size]).toEqual([true, false, 2]);

    const back = await store.find(first.token, ANONYMOUS);
    expect(back).toMatchObject({ id: first.id, ended: false });
    expect([second.ended, store.size]).toEqual([true, 2]);
  });

  it('refuses a new session when there is no room and all are busy', () => {
    const { store } = harness({ maxSessions: 2 });
    store.create(PEER, ANONYMOUS, 'mcp').inFlight.set(1, inFlight());
    store.create(PEER, ANONYMOUS, 'mcp').streams++;
    expect(() => store.create(PEER, ANONYMOUS, 'mcp')).toThrow(expect.objectContaining({ code: 'limit_sessions' }));
  });
});
