import { TestHolder } from '../../../test/support/holders.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { OwnSessionsBench, settled } from '../../../test/support/own-sessions-bench.js';
import { UnsentError } from '../../core/errors.js';
import { Children } from './children.js';

let clock: ManualClock;

beforeEach(() => {
  clock = new ManualClock();
});

describe('own sessions that are child processes', () => {
  const settings = { command: 'server', maxChildren: 2 };

  it('make room for one another across servers, the longest idle first', async () => {
    const children = new Children();
    const [crm, erp] = [
      new OwnSessionsBench(clock, settings, children),
      new OwnSessionsBench(clock, settings, children),
    ];
    await crm.use(new TestHolder('a'));
    clock.advance(1);
    await erp.use(new TestHolder('b'));
    clock.advance(1);
    await erp.send(new TestHolder('c'));
    await settled();

    expect(crm.announced).toEqual(['opened', 'evicted']);
    expect(crm.wires[0]!.closed).toBe(true);
    expect(erp.announced).toEqual(['opened', 'opened']);
  });

  it('are refused when all that there may be are busy', async () => {
    const children = new Children();
    const bench = new OwnSessionsBench(clock, settings, children);
    children.startShared(2);
    await bench.send(new TestHolder('a'));
    const refused = await bench.send(new TestHolder('b'));

    expect(refused.outcome).toMatchObject({ code: 'upstream_overloaded' });
    expect([bench.wires.length, bench.sessions.size]).toEqual([1, 1]);
  });

  it('give way to those that everybody shares, which are always allowed', async () => {
    const children = new Children();
    const bench = new OwnSessionsBench(clock, settings, children);
    await bench.use(new TestHolder('a'));
    children.startShared(2);
    expect(bench.announced).toEqual(['opened']);
    children.startShared(2);
    children.startShared(2);

    expect(bench.announced).toEqual(['opened', 'evicted']);
  });

  it('are counted until they are gone', async () => {
    const children = new Children();
    const bench = new OwnSessionsBench(clock, { ...settings, maxChildren: 1 }, children);
    const leaving = new TestHolder('a');
    await bench.use(leaving);
    let gone = (): void => undefined;
    bench.wires[0]!.close = () => new Promise((resolve) => (gone = resolve));
    leaving.end();
    await bench.send(new TestHolder('b'));
    expect(bench.wires).toHaveLength(1);

    gone();
    await settled();
    expect(bench.wires).toHaveLength(2);
  });

  it('give their place back when they cannot be started, or are not wanted any more', async () => {
    const children = new Children();
    const bench = new OwnSessionsBench(clock, { ...settings, maxChildren: 1 }, children);
    bench.refuse = new UnsentError('upstream_unavailable', 'no such program');
    await bench.send(new TestHolder('a'));
    bench.refuse = undefined;
    bench.polite = false;
    const leaving = new TestHolder('b');
    await bench.send(leaving);
    leaving.end();
    await settled();
    bench.polite = true;
    await bench.send(new TestHolder('c'));

    expect(bench.announced).toEqual(['opened']);
  });
});
