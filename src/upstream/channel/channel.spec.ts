import { requested } from '../../../test/support/requested.js';
import { Events } from '../../core/events.js';
import { CancelledError, GatewayError, UnsentError } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import { McpRequest, type InterimMessage, type McpReply } from '../../core/message.js';
import { readParams } from '../../protocol/index.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { channelOwner } from '../../../test/support/channel-owner.js';
import { settingsWith } from '../../../test/support/server-settings.js';
import { INTRODUCTION, TestWire, transportOver } from '../../../test/support/test-wire.js';
import type { ListKind } from '../list-kind.js';
import type { Channel } from './channel.js';
import { openChannel } from './open-channel.js';

describe('Channel', () => {
  let clock: ManualClock;
  let wire: TestWire;
  let events: Events;
  let dropped: string[];
  let lists: ListKind[];
  let closed: GatewayError | undefined;
  let giveUp: AbortController;
  let channel: Channel;

  beforeEach(() => {
    clock = new ManualClock();
    wire = new TestWire();
    events = new Events();
    dropped = [];
    lists = [];
    closed = undefined;
    giveUp = new AbortController();
    events.on('message.dropped', ({ why }) => dropped.push(why));
  });

  async function open(maxInFlight = 10): Promise<void> {
    const context = { settings: settingsWith({ maxInFlight }), clock, events };
    const owner = channelOwner({
      listChanged: (kind) => lists.push(kind),
      closed: (reason) => (closed = reason),
    });
    const opening = { capabilities: {}, giveUp: giveUp.signal };
    channel = await openChannel(transportOver(wire), context, owner, opening);
  }

  interface Asked {
    readonly answer: Promise<McpReply | GatewayError>;
    readonly interim: InterimMessage[];
    readonly id: unknown;
    readonly abort: AbortController;
  }

  function ask(params: JsonObject = {}, { progress = true, deadline = 60_000 } = {}): Asked {
    const interim: InterimMessage[] = [];
    const abort = new AbortController();
    const request = new McpRequest('tools/call', readParams(Buffer.from(JSON.stringify(params))));
    const onInterim = (message: InterimMessage): void => void interim.push(message);
    const answer = requested(channel, request, { signal: abort.signal, deadline, progress, onInterim }).catch(
      (thrown: GatewayError) => thrown,
    );
    return { answer, interim, id: wire.sent.at(-1)?.['id'], abort };
  }

  it('introduces itself with the newest revision and takes the one that the server answers', async () => {
    await open();

    expect(wire.sent[0]).toMatchObject({
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'gateway', version: '1' } },
    });
    expect(wire.sent[1]).toEqual({ jsonrpc: '2.0', method: 'notifications/initialized' });
    expect(wire.revision).toBe('2025-06-18');
    expect(channel.peer).toMatchObject({ era: 'legacy', revision: '2025-06-18', info: { name: 's', version: '1' } });
  });

  it.each<[string, JsonObject]>([
    ['answers in a revision nobody knows', { result: { ...INTRODUCTION, protocolVersion: '1999-01-01' } }],
    ['answers an error', { error: { code: -32600, message: 'no' } }],
  ])('is not open when the server %s, and closes the wire', async (_, introduction) => {
    wire.introduction = introduction;

    await expect(open()).rejects.toMatchObject({ code: 'upstream_protocol_error' });
    expect(wire.closed).toBe(true);
  });

  it('waits for the introduction no longer than it may', async () => {
    wire.introduction = undefined;
    const opened = open().catch((thrown: unknown) => thrown);
    await Promise.resolve();
    await Promise.resolve();
    clock.advance(10_000);

    expect(await opened).toMatchObject({ code: 'upstream_timeout' });
    expect(wire.find('notifications/cancelled')).toBeUndefined();
  });

  it('waits for the introduction no longer than anybody wants it', async () => {
    wire.introduction = undefined;
    const opened = open().catch((thrown: unknown) => thrown);
    await Promise.resolve();
    await Promise.resolve();
    giveUp.abort();

    expect(await opened).toMatchObject({ code: 'upstream_unavailable' });
    expect(wire.closed).toBe(true);
    expect(closed).toBeUndefined();
  });

  it('counts its ids up by one and gives each reply to whoever asked', async () => {
    await open();
    const asked = [ask({ name: 'a' }), ask({ name: 'b' })];
    expect(asked.map(({ id }) => id)).toEqual([2, 3]);

    wire.say({ id: 3, result: { for: 'b' } });
    wire.say({ id: 2, error: { code: -32000, message: 'for a' } });

    expect(await asked[0]?.answer).toMatchObject({ kind: 'error' });
    const second = (await asked[1]?.answer) as McpReply | undefined;
    expect(second?.json.object()).toEqual({ for: 'b' });
    expect(channel.pending).toBe(0);
  });

  it('passes an error of the server on as a reply', async () => {
    await open();
    const { answer, id } = ask();
    wire.say({ id: id as number, error: { code: -32602, message: 'Unknown tool', data: { a: 1 } } });

    expect(await answer).toMatchObject({ kind: 'error' });
  });

  it('drops replies that nobody waits for, and counts them', async () => {
    await open();
    const { answer, id } = ask();
    for (const reply of [{ id: 77 }, { id: String(id) }, { id: id as number }, { id: id as number }]) {
      wire.say({ ...reply, result: {} });
    }
    await answer;

    expect(dropped).toEqual(['unknown_id', 'unknown_id', 'unknown_id']);
  });

  it('fails a call whose reply is invalid', async () => {
    await open();
    const { answer, id } = ask();
    wire.sayText(`{"jsonrpc":"2.0","id":${String(id)},"result":{},"error":{}}`);

    expect(await answer).toMatchObject({ code: 'upstream_protocol_error' });
  });

  it('gets over what is no message, and counts it', async () => {
    const broken = vi.fn();
    events.on('rule.broken', broken);
    await open();
    wire.sayText('Server listening');

    expect(dropped).toEqual(['malformed']);
    expect(broken.mock.calls).toEqual([[{ leg: 'upstream', rule: 'json', action: 'refused' }]]);
  });

  it('asks for progress under the id of the request, with the token in place of the client’s', async () => {
    await open();
    const { id } = ask({ name: 'a', _meta: { progressToken: 'client', other: 1 } });

    expect(wire.sent.at(-1)?.['params']).toEqual({ name: 'a', _meta: { progressToken: id, other: 1 } });
  });

  it('lets progress through only while it grows, and only for requests that wait', async () => {
    await open();
    const { interim, id, answer } = ask();
    for (const progress of [1, 2, 2, 1, 5]) {
      wire.say({ method: 'notifications/progress', params: { progressToken: id as number, progress } });
    }
    wire.say({ method: 'notifications/progress', params: { progressToken: 99, progress: 1 } });
    wire.say({ id: id as number, result: {} });
    wire.say({ method: 'notifications/progress', params: { progressToken: id as number, progress: 9 } });
    await answer;

    expect(interim.map(({ params }) => params?.object()['progress'])).toEqual([1, 2, 5]);
    expect(dropped).toEqual(['stale_progress', 'stale_progress', 'unknown_progress', 'unknown_progress']);
  });

  it('gives a log message to the request it came with', async () => {
    await open();
    const [first, second] = [ask(), ask()];
    wire.say({ method: 'notifications/message', params: { level: 'info', data: 1 } }, second.id as number);

    expect([first.interim.length, second.interim.length]).toEqual([0, 1]);
  });

  it('gives a log message of unknown origin to the only request there is, else to nobody', async () => {
    await open();
    const log = { method: 'notifications/message', params: { level: 'info', data: 1 } };
    wire.say(log);
    const first = ask();
    wire.say(log);
    const second = ask();
    wire.say(log);

    expect([first.interim.length, second.interim.length]).toEqual([1, 0]);
    expect(dropped).toEqual(['unattributed_log', 'unattributed_log']);
  });

  it('tells the server when a request is cancelled, and takes no late reply', async () => {
    await open();
    const { answer, abort, id } = ask();
    abort.abort(new CancelledError('took too long'));

    expect(await answer).toMatchObject({ code: 'exchange_cancelled' });
    expect(wire.find('notifications/cancelled')?.['params']).toEqual({ requestId: id, reason: 'took too long' });
    expect(wire.abandoned).toEqual([id]);
    wire.say({ id: id as number, result: {} });
    expect(dropped).toEqual(['unknown_id']);
  });

  it('gives up each request at its own deadline, with one timer for all', async () => {
    await open();
    const late = ask({}, { deadline: 5_000 });
    const later = ask({}, { deadline: 30_000 });
    const early = ask({}, { deadline: 1_000 });
    expect(clock.timers).toBe(1);

    clock.advance(1_000);
    expect(await early.answer).toMatchObject({ code: 'upstream_timeout' });
    clock.advance(4_000);
    expect(await late.answer).toMatchObject({ code: 'upstream_timeout' });
    expect(channel.pending).toBe(1);
    clock.advance(25_000);
    expect(await later.answer).toMatchObject({ code: 'upstream_timeout' });
    expect(wire.sent.filter(({ method }) => method === 'notifications/cancelled')).toHaveLength(3);
  });

  it('takes no more requests at once than it may, and says that nothing was sent', async () => {
    await open(2);
    ask();
    ask();

    const answer = await ask().answer;
    expect(answer).toBeInstanceOf(UnsentError);
    expect(answer).toMatchObject({ code: 'upstream_overloaded' });
  });

  it('sends nothing for somebody who is gone already', async () => {
    await open();
    const sent = wire.sent.length;
    const gone = AbortSignal.abort();
    const options = { signal: gone, deadline: 1_000, progress: false, onInterim: () => undefined };

    await expect(requested(channel, new McpRequest('ping', undefined), options)).rejects.toMatchObject({
      code: 'exchange_cancelled',
    });
    expect(wire.sent).toHaveLength(sent);
  });

  it('answers what the server asks at once', async () => {
    await open();
    wire.say({ id: 'x', method: 'ping' });
    wire.say({ id: 0, method: 'elicitation/create', params: {} });
    wire.say({ id: 1, method: 'sampling/createMessage', params: {} });
    wire.say({ id: 2, method: 'roots/list' });

    expect(wire.sent.slice(-4)).toEqual([
      { jsonrpc: '2.0', id: 'x', result: {} },
      { jsonrpc: '2.0', id: 0, result: { action: 'cancel' } },
      { jsonrpc: '2.0', id: 1, error: expect.objectContaining({ code: -1 }) },
      { jsonrpc: '2.0', id: 2, error: expect.objectContaining({ code: -32601 }) },
    ]);
  });

  it('hears that lists have changed', async () => {
    await open();
    for (const kind of ['tools', 'prompts', 'resources']) wire.say({ method: `notifications/${kind}/list_changed` });

    expect(lists).toEqual(['tools', 'prompts', 'resources']);
  });

  it('fails what is in flight when the wire breaks, and sends nothing more', async () => {
    await open();
    const { answer } = ask();
    wire.listener.closed(new GatewayError('upstream_unavailable', 'gone'));

    expect(await answer).toMatchObject({ code: 'upstream_unavailable' });
    expect(await answer).not.toBeInstanceOf(UnsentError);
    expect(await ask().answer).toBeInstanceOf(UnsentError);
    expect(closed?.message).toBe('gone');
    expect(wire.closed).toBe(true);
  });

  it('listens to no signal any more once the reply is in', async () => {
    await open();
    const { answer, abort, id } = ask();
    wire.say({ id: id as number, result: {} });
    await answer;
    abort.abort();

    expect(wire.find('notifications/cancelled')).toBeUndefined();
  });
});
