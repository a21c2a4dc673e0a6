import { channelOwner } from '../../../test/support/channel-owner.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { settingsWith } from '../../../test/support/server-settings.js';
import { TestCall } from '../../../test/support/test-call.js';
import { DESCRIPTION, TestWire, transportOver } from '../../../test/support/test-wire.js';
import { CancelledError, GatewayError, UnsentError } from '../../core/errors.js';
import { Events } from '../../core/events.js';
import type { JsonObject } from '../../core/json.js';
import { McpRequest, type McpReply } from '../../core/message.js';
import { readParams } from '../../protocol/index.js';
import type { ListKind } from '../list-kind.js';
import { EraFinder } from '../server/era-finder.js';
import { RevisionLostError } from '../session-lost.js';
import { StatusError } from '../transports/http/status-error.js';
import type { Channel } from './channel.js';

const PREFIX = 'io.modelcontextprotocol/';
const SAMPLING = { sampling: {}, elicitation: { form: {} } };

/** A call of any method, on behalf of somebody. */
class ModernCall extends TestCall {
  override readonly request: McpRequest;

  constructor(method = 'tools/call', params: JsonObject = { name: 'a' }, declares: JsonObject = SAMPLING) {
    super();
    this.request = new McpRequest(method, readParams(Buffer.from(JSON.stringify(params))));
    this.sender = { declares, info: { name: 'ide', version: '3' }, logLevel: 'info' };
  }
}

let clock: ManualClock;
let wire: TestWire;
let dropped: string[];
let tolerated: string[];
let lists: ListKind[];
let ended: GatewayError | undefined;
let over: GatewayError | undefined;
let channel: Channel;

beforeEach(async () => {
  clock = new ManualClock();
  wire = new TestWire();
  wire.description = { result: DESCRIPTION };
  wire.knowsOrigin = true;
  dropped = [];
  tolerated = [];
  lists = [];
  ended = over = undefined;
  const events = new Events();
  events.on('message.dropped', ({ why }) => dropped.push(why));
  events.on('message.tolerated', ({ why }) => tolerated.push(why));
  const owner = channelOwner({
    listChanged: (kind) => lists.push(kind),
    ending: (reason) => (ended = reason),
    closed: (reason) => (over = reason),
  });
  const context = { settings: settingsWith({ era: 'modern' }), clock, events };
  const opening = { capabilities: {}, giveUp: new AbortController().signal };
  channel = await new EraFinder(transportOver(wire), context).open(owner, opening);
});

function send(call: ModernCall = new ModernCall()): ModernCall & { id: number } {
  channel.send(call);
  return Object.assign(call, { id: wire.sent.at(-1)?.['id'] as number });
}

function answered(result: JsonObject, call = new ModernCall()): McpReply | GatewayError | undefined {
  const { id } = send(call);
  wire.say({ id, result });
  expect(call.ends).toBe(1);
  return call.outcome;
}

describe('a channel to a modern server', () => {
  it('asks the server what it is, in the name of the gateway, and introduces itself no further', () => {
    expect(wire.sent).toEqual([
      {
        jsonrpc: '2.0',
        id: 1,
        method: 'server/discover',
        params: {
          _meta: {
            [`${PREFIX}protocolVersion`]: '2026-07-28',
            [`${PREFIX}clientCapabilities`]: {},
            [`${PREFIX}clientInfo`]: { name: 'gateway', version: '1' },
          },
        },
      },
    ]);
    expect(channel.peer).toMatchObject({ era: 'modern', revision: '2026-07-28', info: { name: 's', version: '2' } });
    expect(wire.revision).toBe('2026-07-28');
  });

  it('says with each request on whose behalf it is sent, in the place of what the client said of itself', () => {
    const meta = { [`${PREFIX}protocolVersion`]: '2027-01-01', progressToken: 'client', traceparent: 't' };
    const { id } = send(new ModernCall('tools/call', { name: 'a', _meta: meta }));

    expect(wire.sent.at(-1)?.['params']).toEqual({
      name: 'a',
      _meta: {
        [`${PREFIX}protocolVersion`]: '2026-07-28',
        [`${PREFIX}clientCapabilities`]: SAMPLING,
        [`${PREFIX}clientInfo`]: { name: 'ide', version: '3' },
        [`${PREFIX}logLevel`]: 'info',
        progressToken: id,
        traceparent: 't',
      },
    });
  });

  it('says the same in headers, under the server’s own name, where each request has some', () => {
    const call = new ModernCall();
    const mirrors = new Map([['Mcp-Param-Region', 'eu']]);
    Object.assign(call, { request: call.request.withName('b').withMirrors(mirrors) });
    send(call);

    expect(wire.headers.at(-1)).toEqual({
      'MCP-Protocol-Version': '2026-07-28',
      'Mcp-Method': 'tools/call',
      'Mcp-Name': 'b',
      'Mcp-Param-Region': 'eu',
    });
    wire.knowsOrigin = false;
    send();
    expect(wire.headers.at(-1)).toBeUndefined();
  });
});

describe('a modern reply', () => {
  it.each<[string, JsonObject, string]>([
    ['is complete where it says so', { resultType: 'complete', content: [] }, 'complete'],
    ['may say so last', { content: [{ resultType: 'x' }], resultType: 'complete' }, 'complete'],
    ['may want state back', { resultType: 'input_required', requestState: 's' }, 'input_required'],
    [
      'may ask',
      { resultType: 'input_required', inputRequests: { a: { method: 'sampling/createMessage' } } },
      'input_required',
    ],
  ])('%s', (_, result, type) => {
    expect(answered(result)).toMatchObject({ kind: 'result', type });
    expect(tolerated).toEqual([]);
  });

  it('without a type is complete, and counted', () => {
    expect(answered({ content: [{ resultType: 'task' }] })).toMatchObject({ type: 'complete' });
    expect(tolerated).toEqual(['no_result_type']);
  });

  it('may be a task for whoever declares that', () => {
    const task = { resultType: 'task', taskId: 't', status: 'working' };
    const declares = { extensions: { [`${PREFIX}tasks`]: {} } };

    expect(answered(task, new ModernCall('tools/call', {}, declares))).toMatchObject({ type: 'task' });
    expect(answered(task)).toMatchObject({ code: 'upstream_protocol_error' });
    expect(answered(task, new ModernCall('prompts/get', {}, declares))).toMatchObject({
      code: 'upstream_protocol_error',
    });
  });

  const elicit = (mode?: string) => ({ a: { method: 'elicitation/create', params: { ...(mode && { mode }) } } });
  it.each<[string, JsonObject, ModernCall?]>([
    ['of a type that nobody knows', { resultType: 'later' }],
    ['of a type that is no text', { resultType: 7 }],
    ['that asks for nothing', { resultType: 'input_required' }],
    ['that asks no questions', { resultType: 'input_required', inputRequests: {} }],
    ['with a state that is no text', { resultType: 'input_required', requestState: 1 }],
    ['that asks something else', { resultType: 'input_required', inputRequests: { a: { method: 'ping' } } }],
    ['that asks in a mode that nobody knows', { resultType: 'input_required', inputRequests: elicit('voice') }],
    ['that asks for a list', { resultType: 'input_required', requestState: 's' }, new ModernCall('tools/list')],
  ])('%s is none', (_, result, call = new ModernCall()) => {
    expect(answered(result, call)).toMatchObject({ code: 'upstream_protocol_error' });
    expect(ended).toBeUndefined();
  });

  it('that is an error is passed on', () => {
    const call = send();
    wire.say({ id: call.id, error: { code: -32602, message: 'Unknown tool' } });

    expect(call.outcome).toMatchObject({ kind: 'error' });
  });
});

describe('a modern server that is not what it was', () => {
  it('took nothing, and is introduced anew', () => {
    const [first, second] = [send(), send()];
    wire.say({ id: first.id, error: { code: -32022, message: 'no', data: { supported: ['2025-11-25'] } } });

    expect(first.outcome).toBeInstanceOf(RevisionLostError);
    expect(first.outcome).toBeInstanceOf(UnsentError);
    expect(first.outcome).toMatchObject({ code: 'upstream_protocol_error' });
    expect(ended).toBeInstanceOf(RevisionLostError);
    expect([over, wire.closed]).toEqual([undefined, false]);
    expect(send().outcome).toBeInstanceOf(UnsentError);
    wire.say({ id: second.id, result: { resultType: 'complete' } });
    expect(second.outcome).toMatchObject({ kind: 'result' });
    expect([over, wire.closed]).toEqual([ended, true]);
  });

  it('is not waited for for ever', () => {
    const [first, second] = [send(), send()];
    second.deadline = Number.POSITIVE_INFINITY;
    wire.say({ id: first.id, error: { code: -32022, message: 'no' } });
    clock.advance(60_000);

    expect(second.outcome).toMatchObject({ code: 'upstream_unavailable' });
    expect(wire.closed).toBe(true);
  });

  it.each([404, 405])('is one that answers %s to a request', (status) => {
    const call = send();
    const cause = new StatusError(status);
    wire.listener.failed(call.id, new GatewayError('upstream_protocol_error', 'no', {}, { cause }));

    expect([call.ends, call.outcome]).toEqual([1, expect.any(RevisionLostError)]);
    expect(wire.closed).toBe(true);
  });

  it('is one that does not know the question any more by which it was found', async () => {
    wire.description = { error: { code: -32601, message: 'Method not found' } };

    await expect(channel.check(1_000)).rejects.toBeInstanceOf(RevisionLostError);
    expect(ended).toBeInstanceOf(RevisionLostError);
  });

  it('is the same when a single method is unknown', () => {
    const call = send();
    wire.say({ id: call.id, error: { code: -32601, message: 'Method not found' } });

    expect(call.outcome).toMatchObject({ kind: 'error' });
    expect(ended).toBeUndefined();
  });
});

describe('what a modern server says on its own', () => {
  it('is not answered when it is a request', () => {
    const sent = wire.sent.length;
    wire.say({ id: 'x', method: 'ping' });
    wire.say({ id: 'y', method: 'roots/list' });

    expect(wire.sent).toHaveLength(sent);
    expect(dropped).toEqual(['unasked_request', 'unasked_request']);
  });

  it('belongs to the listen that it names, else to nobody', () => {
    const listen = send(new ModernCall('subscriptions/listen', { notifications: { toolsListChanged: true } }));
    const other = send();
    const changed = (id: number) => ({
      method: 'notifications/tools/list_changed',
      params: { _meta: { [`${PREFIX}subscriptionId`]: id } },
    });
    for (const id of [listen.id, other.id, 99]) wire.say(changed(id), other.id);

    expect([listen.interim.length, other.interim.length]).toEqual([1, 0]);
    expect(dropped).toEqual(['unknown_subscription', 'unknown_subscription']);
    wire.say({ method: 'notifications/tools/list_changed' }, listen.id);
    expect(listen.interim).toHaveLength(2);
    expect(lists).toEqual([]);
  });

  it('is progress and logs of its requests as in any era', () => {
    const [first, second] = [send(), send()];
    wire.say({ method: 'notifications/progress', params: { progressToken: first.id, progress: 1 } }, first.id);
    wire.say({ method: 'notifications/message', params: { level: 'info', data: 1 } }, second.id);
    wire.say({ method: 'notifications/message', params: { level: 'info', data: 1 } });

    expect([first.interim.length, second.interim.length]).toEqual([1, 1]);
    expect(dropped).toEqual(['unattributed_log']);
  });
});

describe('a request to a modern server that nobody waits for any more', () => {
  it('is broken off, and nothing else, where it has an exchange of its own', () => {
    const call = send();
    call.abort.abort(new CancelledError('enough'));

    expect(call.outcome).toMatchObject({ code: 'exchange_cancelled' });
    expect(wire.abandoned).toEqual([call.id]);
    expect(wire.find('notifications/cancelled')).toBeUndefined();
  });

  it('is taken back by a message elsewhere', () => {
    wire.knowsOrigin = false;
    const call = send();
    call.abort.abort(new CancelledError('enough'));

    expect(wire.find('notifications/cancelled')?.['params']).toEqual({ requestId: call.id, reason: 'enough' });
  });
});
