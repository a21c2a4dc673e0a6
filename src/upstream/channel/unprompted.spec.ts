import { ManualClock } from '../../../test/support/manual-clock.js';
import { channelOwner } from '../../../test/support/channel-owner.js';
import { TestHolder } from '../../../test/support/holders.js';
import { settingsWith } from '../../../test/support/server-settings.js';
import { TestCall } from '../../../test/support/test-call.js';
import { INTRODUCTION, TestWire, transportOver } from '../../../test/support/test-wire.js';
import { CancelledError, GatewayError } from '../../core/errors.js';
import { Events } from '../../core/events.js';
import type { JsonObject } from '../../core/json.js';
import { type InputRequest, type InterimMessage, result } from '../../core/message.js';
import { readParams } from '../../protocol/index.js';
import type { Holder } from '../holder.js';
import type { Channel } from './channel.js';
import { openChannel } from './open-channel.js';

const ELICIT = { method: 'elicitation/create', params: { message: 'name?' } };
const CANCEL = { action: 'cancel' };
const paramsOf = (value: JsonObject) => readParams(Buffer.from(JSON.stringify(value)));

let clock: ManualClock;
let wire: TestWire;
let dropped: string[];
let quiet: number;
let channel: Channel;

beforeEach(() => {
  clock = new ManualClock();
  wire = new TestWire();
  dropped = [];
  quiet = 0;
});

async function open(holder: Holder | undefined, { knowsOrigin = false, revision = '2025-11-25' } = {}): Promise<void> {
  const events = new Events();
  events.on('message.dropped', ({ why }) => dropped.push(why));
  wire.knowsOrigin = knowsOrigin;
  wire.introduction = { result: { ...INTRODUCTION, protocolVersion: revision } };
  const owner = channelOwner({ holder, quiet: () => void quiet++ });
  const opening = { capabilities: holder?.capabilities ?? {}, giveUp: new AbortController().signal };
  const context = { settings: settingsWith({}), clock, events };
  channel = await openChannel(transportOver(wire), context, owner, opening);
}

function call(): TestCall & { id: number } {
  const sent = new TestCall();
  channel.send(sent);
  return Object.assign(sent, { id: wire.sent.at(-1)?.['id'] as number });
}

/** What was answered under an id of the server. */
function answers(id: string | number): JsonObject[] {
  return wire.sent.filter((message) => message['id'] === id && !('method' in message));
}

function inputOf({ interim }: { interim: InterimMessage[] }, index = 0): InputRequest {
  const input = interim[index];
  if (input?.kind !== 'request') throw new Error('no input request came');
  return input;
}

describe('what a server asks', () => {
  it('is declared on behalf of the holder, and of nobody where everybody shares the session', async () => {
    await open(new TestHolder('a'));
    expect(wire.sent[0]).toMatchObject({ params: { capabilities: { sampling: {}, elicitation: {} } } });
    wire = new TestWire();
    await open(undefined);
    expect(wire.sent[0]).toMatchObject({ params: { capabilities: {} } });
  });

  it('goes to the call that it came with, and the answer goes back under the id of the server', async () => {
    await open(new TestHolder('a', { plural: true }), { knowsOrigin: true });
    const [first, second] = [call(), call()];
    wire.say({ id: 'q', ...ELICIT }, second.id);

    expect(first.interim).toEqual([]);
    expect(inputOf(second)).toMatchObject({ method: 'elicitation/create' });
    inputOf(second).answered(result({ action: 'accept' }));
    expect(answers('q')).toEqual([{ jsonrpc: '2.0', id: 'q', result: { action: 'accept' } }]);
  });

  it('goes to the only call there is where the transport does not say', async () => {
    await open(new TestHolder('a', { plural: true }));
    const only = call();
    wire.say({ id: 0, ...ELICIT });

    inputOf(only).answered(result({ action: 'decline' }));
    expect(answers(0)).toMatchObject([{ result: { action: 'decline' } }]);
  });

  it('goes to the holder where it may be for several calls of one downstream', async () => {
    const holder = new TestHolder('a');
    await open(holder);
    const calls = [call(), call()];
    wire.say({ id: 7, ...ELICIT });

    expect(calls.flatMap(({ interim }) => interim)).toEqual([]);
    inputOf({ interim: holder.taken }).answered(result({ action: 'accept' }));
    expect(answers(7)).toMatchObject([{ result: { action: 'accept' } }]);
  });

  it.each<[string, TestHolder | undefined, number]>([
    ['may be for several downstreams', new TestHolder('a', { plural: true }), 2],
    ['belongs to no call of a holder that is several', new TestHolder('a', { plural: true }), 0],
    ['comes on the session that everybody shares', undefined, 1],
  ])('is refused at once when it %s', async (_, holder, calls) => {
    await open(holder);
    const sent = Array.from({ length: calls }, call);
    wire.say({ id: 1, ...ELICIT });

    expect(answers(1)).toMatchObject([{ result: CANCEL }]);
    expect(sent.flatMap(({ interim }) => interim)).toEqual([]);
    expect(holder?.taken ?? []).toEqual([]);
  });

  it('is refused when it came with a request that nobody waits for any more', async () => {
    await open(new TestHolder('a', { plural: true }), { knowsOrigin: true });
    const [gone, other] = [call(), call()];
    gone.abort.abort(new CancelledError());
    wire.say({ id: 1, ...ELICIT }, gone.id);

    expect(answers(1)).toMatchObject([{ result: CANCEL }]);
    expect(other.interim).toEqual([]);
  });

  it('is refused while it may still be about a call that was given up a moment ago', async () => {
    await open(new TestHolder('a', { plural: true }));
    call().abort.abort(new CancelledError());
    const next = call();
    wire.say({ id: 1, ...ELICIT });
    clock.advance(10_000);
    wire.say({ id: 2, ...ELICIT });

    expect(answers(1)).toMatchObject([{ result: CANCEL }]);
    expect(next.interim).toHaveLength(1);
  });

  it('is answered here when it is a ping, or something that the revision does not know', async () => {
    await open(new TestHolder('a'), { revision: '2025-03-26' });
    const only = call();
    wire.say({ id: 1, method: 'ping' });
    wire.say({ id: 2, ...ELICIT });
    wire.say({ id: 3, method: 'tools/call' });

    expect([...answers(1), ...answers(2), ...answers(3)]).toMatchObject([
      { result: {} },
      { error: { code: -32601 } },
      { error: { code: -32601 } },
    ]);
    expect(only.interim).toEqual([]);
  });

  it('is answered exactly once', async () => {
    await open(new TestHolder('a'));
    const only = call();
    wire.say({ id: 1, ...ELICIT });
    const input = inputOf(only);
    input.answered(result({ action: 'accept' }));
    input.answered(result({ action: 'decline' }));
    wire.say({ id: only.id, result: {} });

    expect(answers(1)).toMatchObject([{ result: { action: 'accept' } }]);
  });

  it('does not harm an earlier one of the same id that waits', async () => {
    await open(new TestHolder('a'));
    const only = call();
    wire.say({ id: 1, ...ELICIT });
    wire.say({ id: 1, ...ELICIT });
    wire.say({ id: '1', ...ELICIT });

    expect(dropped).toEqual(['duplicate_id']);
    expect(only.interim).toHaveLength(2);
    inputOf(only).answered(result({ action: 'accept' }));
    expect(answers(1)).toHaveLength(1);
  });

  it('is refused beyond 64 that wait, and taken again once one is answered', async () => {
    await open(new TestHolder('a'));
    const only = call();
    for (let id = 1; id <= 65; id++) wire.say({ id, ...ELICIT });

    expect(only.interim).toHaveLength(64);
    expect(answers(65)).toMatchObject([{ result: CANCEL }]);
    inputOf(only).answered(result({}));
    wire.say({ id: 66, ...ELICIT });
    expect(only.interim).toHaveLength(65);
  });

  it('is withdrawn when the server takes it back, and needs no answer then', async () => {
    await open(new TestHolder('a'));
    const only = call();
    wire.say({ id: 1, ...ELICIT });
    const reasons: unknown[] = [];
    inputOf(only).onWithdrawn((reason) => reasons.push(reason));
    wire.say({ method: 'notifications/cancelled', params: { requestId: '1', reason: 'other' } });
    wire.say({ method: 'notifications/cancelled', params: { requestId: 1, reason: 'never mind' } });
    inputOf(only).answered(result({}));
    inputOf(only).onWithdrawn((reason) => reasons.push(reason));

    expect(reasons).toEqual(['never mind', 'never mind']);
    expect(answers(1)).toEqual([]);
  });

  it.each<[string, (only: TestCall & { id: number }) => void]>([
    ['is answered', ({ id }) => wire.say({ id, result: {} })],
    ['is cancelled', ({ abort }) => abort.abort(new CancelledError())],
    ['has failed', ({ id }) => wire.listener.failed(id, new GatewayError('upstream_unavailable', 'gone'))],
  ])('is withdrawn, and refused, when its call %s', async (_, end) => {
    await open(new TestHolder('a'));
    const only = call();
    wire.say({ id: 1, ...ELICIT });
    let withdrawn = 0;
    inputOf(only).onWithdrawn(() => withdrawn++);
    end(only);

    expect(withdrawn).toBe(1);
    expect(answers(1)).toMatchObject([{ result: CANCEL }]);
  });

  it('is withdrawn when the connection is lost', async () => {
    const holder = new TestHolder('a');
    await open(holder);
    wire.say({ id: 1, ...ELICIT });
    let withdrawn = 0;
    inputOf({ interim: holder.taken }).onWithdrawn(() => withdrawn++);
    wire.listener.closed(new GatewayError('upstream_unavailable', 'gone'));

    expect(withdrawn).toBe(1);
    expect(channel.isBusy).toBe(false);
  });

  it('hears how far its answer is, under its own token', async () => {
    await open(new TestHolder('a'));
    const only = call();
    wire.say({ id: 1, ...ELICIT, params: { message: 'x', _meta: { progressToken: 'theirs' } } });
    wire.say({ id: 2, ...ELICIT });
    inputOf(only).progressed(paramsOf({ progressToken: 5, progress: 1 }));
    inputOf(only, 1).progressed(paramsOf({ progressToken: 6, progress: 1 }));

    expect(wire.sent.filter(({ method }) => method === 'notifications/progress')).toEqual([
      { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 'theirs', progress: 1 } },
    ]);
  });

  it('keeps its call from its deadline for as long as that moves', async () => {
    await open(new TestHolder('a'));
    const only = call();
    wire.say({ id: 1, ...ELICIT });
    only.deadline = Number.POSITIVE_INFINITY;
    clock.advance(600_000);
    expect(only.outcome).toBeUndefined();

    only.deadline = 660_000;
    inputOf(only).answered(result({}));
    clock.advance(60_000);
    expect(only.outcome).toMatchObject({ code: 'upstream_timeout' });
  });

  it('keeps the session busy until it is answered', async () => {
    const holder = new TestHolder('a');
    await open(holder);
    wire.say({ id: 1, ...ELICIT });
    expect(channel.isBusy).toBe(true);
    const before = quiet;
    inputOf({ interim: holder.taken }).answered(result({}));

    expect(channel.isBusy).toBe(false);
    expect(quiet).toBe(before + 1);
  });
});

describe('what a server says', () => {
  const log = { method: 'notifications/message', params: { level: 'info', data: 1 } };
  const updated = { method: 'notifications/resources/updated', params: { uri: 'a:b' } };

  it('goes to the holder when it belongs to no call', async () => {
    const holder = new TestHolder('a');
    await open(holder);
    for (const method of ['resources/updated', 'tasks/status', 'elicitation/complete', 'vendor/thing']) {
      wire.say({ method: `notifications/${method}`, params: {} });
    }
    wire.say(log);

    expect(holder.taken.map(({ method }) => method)).toEqual([
      'notifications/resources/updated',
      'notifications/tasks/status',
      'notifications/elicitation/complete',
      'notifications/vendor/thing',
      'notifications/message',
    ]);
  });

  it('goes to the call that it came with', async () => {
    const holder = new TestHolder('a', { plural: true });
    await open(holder, { knowsOrigin: true });
    const [, second] = [call(), call()];
    wire.say({ method: 'notifications/elicitation/complete', params: {} }, second.id);
    wire.say(log, second.id);

    expect(second.interim).toHaveLength(2);
    expect(holder.taken).toEqual([]);
  });

  it('is not shown to any of several downstreams when it is a log message that may be for two', async () => {
    const holder = new TestHolder('a', { plural: true });
    await open(holder);
    const calls = [call(), call()];
    wire.say(log);

    expect([...calls.flatMap(({ interim }) => interim), ...holder.taken]).toEqual([]);
    expect(dropped).toEqual(['unattributed_log']);
  });

  it('is not shown to the next call while it may be of one that was given up', async () => {
    await open(undefined);
    call().abort.abort(new CancelledError());
    const next = call();
    wire.say(log);

    expect(next.interim).toEqual([]);
  });

  it('is dropped on the session that everybody shares when it belongs to nobody for certain', async () => {
    await open(undefined);
    wire.say({ method: 'notifications/elicitation/complete', params: {} });
    wire.say({ method: 'notifications/initialized' });

    expect(dropped).toEqual(['unknown_notification', 'unknown_notification']);
  });

  it('tells the owner of the shared session that a resource was updated', async () => {
    const heard: unknown[] = [];
    const owner = channelOwner({ resourceUpdated: (params) => heard.push(params.object()) });
    const context = { settings: settingsWith({}), clock, events: new Events() };
    const opening = { capabilities: {}, giveUp: new AbortController().signal };
    await openChannel(transportOver(wire), context, owner, opening);
    wire.say(updated);

    expect(heard).toEqual([{ uri: 'a:b' }]);
  });
});

describe('a downstream that does not keep up', () => {
  const progress = (id: number, at: number) =>
    wire.say({ method: 'notifications/progress', params: { progressToken: id, progress: at } }, id);

  it('stops the stream of its request alone where the transport has one for each', async () => {
    await open(undefined, { knowsOrigin: true });
    const slow = call();
    slow.flow.congest();
    progress(slow.id, 1);
    progress(slow.id, 2);
    expect(wire.reading).toEqual([`pause ${slow.id}`]);

    slow.flow.clear();
    slow.flow.congest();
    progress(slow.id, 3);
    slow.flow.clear();
    expect(wire.reading).toEqual([`pause ${slow.id}`, `resume ${slow.id}`, `pause ${slow.id}`, `resume ${slow.id}`]);
  });

  it('stops the whole wire where that is its own, until all it is sent has been taken', async () => {
    const holder = new TestHolder('a');
    await open(holder);
    const slow = call();
    slow.flow.congest();
    holder.flow.congest();
    progress(slow.id, 1);
    wire.say({ method: 'notifications/resources/updated', params: { uri: 'a:b' } });
    expect(wire.reading).toEqual(['pause']);

    slow.flow.clear();
    expect(wire.reading).toEqual(['pause']);
    holder.flow.clear();
    expect(wire.reading).toEqual(['pause', 'resume']);
  });

  it('keeps nothing from the server that it says itself', async () => {
    const holder = new TestHolder('a');
    await open(holder);
    const [slow, gone] = [call(), call()];
    holder.flow.congest();
    wire.say({ id: 'q', ...ELICIT });
    expect(wire.reading).toEqual(['pause']);

    inputOf({ interim: holder.taken }).answered(result({ action: 'accept' }));
    gone.abort.abort(new CancelledError());
    channel.notify('notifications/roots/list_changed');
    expect(answers('q')).toHaveLength(1);
    expect(wire.find('notifications/cancelled')).toMatchObject({ params: { requestId: gone.id } });
    expect(wire.find('notifications/roots/list_changed')).toBeDefined();
    expect([wire.reading, slow.outcome]).toEqual([['pause'], undefined]);
  });

  it.each([
    ['everybody shares', undefined],
    ['several downstreams share', new TestHolder('a', { plural: true })],
  ])('does not stop a wire that %s', async (_, holder) => {
    await open(holder);
    const slow = call();
    slow.flow.congest();
    progress(slow.id, 1);
    wire.say({ id: slow.id, result: {} });

    expect(wire.reading).toEqual([]);
  });
});
