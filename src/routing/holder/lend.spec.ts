import { FakeGroup, type FakeGroupOptions } from '../../../test/support/fake-group.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { ModernRequest, type ModernRequestOptions } from '../../../test/support/modern-client.js';
import { OwnSessionsBench } from '../../../test/support/own-sessions-bench.js';
import { TestStay } from '../../../test/support/routing.js';
import { CancelledError } from '../../core/errors.js';
import { InputRequest } from '../../core/message.js';
import { ANONYMOUS } from '../../core/principal.js';
import { Sealer } from '../../core/sealed.js';
import type { Isolation } from '../../upstream/index.js';
import { TaskRelay } from '../tasks/task-relay.js';
import { Holders } from './holders.js';
import { legacyProfile } from './legacy-profile.js';

const CAPABLE = { capabilities: { sampling: {} } };
const OTHER = { ...ANONYMOUS, subject: 'somebody else' };

let clock: ManualClock;
let holders: Holders;

beforeEach(() => {
  clock = new ManualClock();
  holders = new Holders(new TaskRelay(new Sealer(Buffer.alloc(32))), clock);
});

function crm(isolation: Isolation = 'auto', options: FakeGroupOptions = {}, keepsSessions = false): FakeGroup {
  return Object.assign(new FakeGroup('crm', { isolation, knowsOrigin: false, ...options }), { keepsSessions });
}

function lend(group: FakeGroup, options: ModernRequestOptions = {}) {
  const request = new ModernRequest(options);
  return { request, holder: holders.lend(request.exchange, group) };
}

/** Of a holder that there certainly is. */
function lent(group: FakeGroup, options: ModernRequestOptions = CAPABLE) {
  const { request, holder } = lend(group, options);
  if (!holder) throw new Error('none was lent');
  return { request, holder, end: (reason?: Error) => request.end(reason) };
}

describe('a request of a modern client', () => {
  it.each([
    ['the server is modern', crm('session', { era: 'modern' }), CAPABLE],
    ['the group is shared', crm('shared', {}, true), CAPABLE],
    ['it can be asked nothing', crm(), {}],
    ['it has extensions alone', crm(), { capabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } } }],
  ])('shares the session of everybody where %s', (_why, group, options) => {
    expect(lend(group, options).holder).toBeUndefined();
    expect(holders.pooled).toBe(0);
  });

  it.each([
    ['it can be asked something', crm(), CAPABLE],
    ['the servers remember', crm('auto', {}, true), {}],
    ['every session has its own', crm('session'), {}],
    ['every principal has its own', crm('principal'), {}],
  ])('is lent a holder where %s', (_why, group, options) => {
    expect(lend(group, options).holder).toMatchObject({ group: 'crm', ended: false });
  });
});

describe('a holder that is lent', () => {
  it('serves all requests of a principal that can do the same where the server says for which it speaks', () => {
    const group = crm('auto', { knowsOrigin: true });
    const [one, two] = [lent(group), lent(group)];
    expect(one.holder).toMatchObject({ plural: true, capabilities: { sampling: {} } });
    expect(two.holder).toBe(one.holder);
    expect(lent(group, { ...CAPABLE, principal: OTHER }).holder).not.toBe(one.holder);
    expect(lent(group, { capabilities: { sampling: { tools: {} } } }).holder).not.toBe(one.holder);
    const legacy = new TestStay('a', CAPABLE);
    const theirs = holders.of(holders.guest(legacy, 'mcp'), crm('principal'))!;
    expect(theirs.key).not.toBe(one.holder.key);
  });

  it('serves one call at a time elsewhere, and then the next one', () => {
    const group = crm();
    const [one, two] = [lent(group), lent(group)];
    expect(one.holder).toMatchObject({ plural: false });
    expect(two.holder).not.toBe(one.holder);
    expect(two.holder.key).not.toBe(one.holder.key);
    one.end();
    two.end();
    // The one that was used last, so that the other may come to its end.
    const next = lent(group);
    expect(next.holder).toBe(two.holder);
    next.end();
    expect(holders.pooled).toBe(2);
  });

  it('serves many at once where nothing can be asked', () => {
    const group = crm('session');
    expect(lent(group, {}).holder).toBe(lent(group, {}).holder);
  });

  it('rests after a call that did not end with a reply', () => {
    const group = crm();
    const cancelled = lent(group);
    cancelled.end(new CancelledError());
    const other = lent(group);
    expect(other.holder).not.toBe(cancelled.holder);
    clock.advance(10_000);
    expect(lent(group).holder).toBe(cancelled.holder);
  });

  it('ends a minute after its last use, and leaves nothing', () => {
    const group = crm();
    const one = lent(group);
    const plural = lent(crm('auto', { knowsOrigin: true }));
    clock.advance(600_000);
    one.end();
    clock.advance(59_999);
    const again = lent(group);
    expect(again.holder).toBe(one.holder);
    again.end();
    clock.advance(59_999);
    expect(one.holder.ended).toBe(false);
    clock.advance(1);
    expect([one.holder.ended, plural.holder.ended]).toEqual([true, false]);
    plural.end();
    clock.advance(60_000);
    expect([plural.holder.ended, holders.pooled, clock.timers]).toEqual([true, 0, 0]);
    expect(lent(group).holder).not.toBe(one.holder);
  });

  it('closes its upstream session when it ends', async () => {
    const bench = new OwnSessionsBench(clock);
    const { holder, end } = lent(crm());
    await bench.use(holder);
    end();
    clock.advance(60_000);
    expect(bench.announced).toEqual(['opened', 'holder_left']);
    await bench.sessions.close();
  });

  it('tells its server to say as much as any request ever wanted, once', () => {
    const group = crm('auto', { knowsOrigin: true });
    const levels = ['error', undefined, 'debug', 'info', 'debug'];
    const taken = levels.map((logLevel) => lent(group, { ...CAPABLE, changed: { logLevel } }));
    expect(group.ownLevels.map(({ level }) => level)).toEqual(['error', 'debug']);
    for (const { end } of taken) end();
    expect(taken[0]!.holder.logLevel).toBe('debug');
  });

  it('refuses what it is asked while it serves nobody', () => {
    const { holder, end, request } = lent(crm());
    let refused = 0;
    const asker = { answered: () => 0, refused: () => refused++, progressed: () => 0, onWithdrawn: () => 0 };
    const question = new InputRequest('roots/list', undefined, asker);
    holder.take(question, 'crm-1');
    expect([request.stay.delivered.length, refused]).toEqual([1, 0]);
    end();
    holder.take(question, 'crm-1');
    expect(refused).toBe(1);
  });
});

describe('what servers of the legacy era are told of a modern client', () => {
  it.each([
    [{ elicitation: {} }, { elicitation: {} }],
    [{ elicitation: { form: {} } }, { elicitation: {} }],
    [{ elicitation: { form: {}, url: {} } }, { elicitation: { form: {}, url: {} } }],
    [{ elicitation: { url: {} } }, { elicitation: { url: {} } }],
    [{ sampling: { tools: {}, context: {} } }, { sampling: { tools: {} } }],
    [{ roots: { listChanged: true } }, { roots: {} }],
    [{ extensions: { x: {} }, tasks: {} }, {}],
  ])('of %j is %j', (declares, told) => {
    expect(legacyProfile(declares).capabilities).toEqual(told);
    expect(legacyProfile(declares)).toBe(legacyProfile(declares));
  });
});
