import { TestHolder } from '../../../test/support/holders.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { OwnSessionsBench, settled } from '../../../test/support/own-sessions-bench.js';
import { TestCall } from '../../../test/support/test-call.js';
import { CancelledError, GatewayError, UnsentError } from '../../core/errors.js';

let clock: ManualClock;

beforeEach(() => {
  clock = new ManualClock();
});

describe('calls of a holder that is several downstreams', () => {
  const many = () => new TestHolder('all', { plural: true });

  it('go one at a time where the transport does not say what the server speaks of', async () => {
    const bench = new OwnSessionsBench(clock);
    const holder = many();
    const calls = [new TestCall({ name: '0' }), new TestCall({ name: '1' }), new TestCall({ name: '2' })];
    for (const call of calls) await bench.send(holder, call);
    const [wire] = bench.wires;
    const sent = () => wire!.sent.filter(({ method }) => method === 'tools/call').map(({ params }) => params);
    expect(sent()).toHaveLength(1);

    bench.answer();
    expect(calls.map(({ ends }) => ends)).toEqual([1, 0, 0]);
    expect(sent()).toHaveLength(2);
    calls[1]!.abort.abort(new CancelledError());
    expect(sent()).toMatchObject([{ name: '0' }, { name: '1' }, { name: '2' }]);
  });

  it('can be cancelled, and come to their deadlines, while they wait for their turn', async () => {
    const bench = new OwnSessionsBench(clock);
    const holder = many();
    const calls = [new TestCall(), new TestCall(), new TestCall()];
    calls[2]!.deadline = 500;
    for (const call of calls) await bench.send(holder, call);
    calls[1]!.abort.abort(new CancelledError('why'));
    clock.advance(500);

    expect(calls[0]!.ends).toBe(0);
    expect(calls[1]!.outcome).toMatchObject({ code: 'exchange_cancelled', reason: 'why' });
    expect(calls[2]!.outcome).toBeInstanceOf(UnsentError);
    expect(bench.wires[0]!.sent.filter(({ method }) => method === 'tools/call')).toHaveLength(1);
  });

  it('do not wait for one another where the transport says, or where nothing can be asked', async () => {
    const knowing = new OwnSessionsBench(clock);
    knowing.knowsOrigin = true;
    const asking = new OwnSessionsBench(clock);
    const mute = new TestHolder('all', { plural: true, capabilities: {} });
    for (const _ of [1, 2]) {
      await knowing.send(many());
      await asking.send(mute);
    }

    for (const { wires } of [knowing, asking]) {
      expect(wires[0]!.sent.filter(({ method }) => method === 'tools/call')).toHaveLength(2);
    }
  });

  it('fail together when the session is lost', async () => {
    const bench = new OwnSessionsBench(clock);
    const holder = many();
    const calls = [await bench.send(holder), await bench.send(holder), await bench.send(holder)];
    bench.wires[0]!.listener.closed(new GatewayError('upstream_unavailable', 'gone'));
    await settled();

    expect(calls.map(({ ends }) => ends)).toEqual([1, 1, 1]);
    expect(calls.map(({ outcome }) => outcome instanceof UnsentError)).toEqual([false, true, true]);
  });
});
