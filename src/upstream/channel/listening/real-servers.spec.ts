import { channelOwner } from '../../../../test/support/channel-owner.js';
import { modernHost, type ModernHost } from '../../../../test/support/modern-server.js';
import { ScriptedModern } from '../../../../test/support/scripted-modern.js';
import { settingsWith } from '../../../../test/support/server-settings.js';
import { until } from '../../../../test/support/until.js';
import { Events } from '../../../core/events.js';
import type { JsonObject } from '../../../core/json.js';
import { McpRequest } from '../../../core/message.js';
import { readParams } from '../../../protocol/index.js';
import { systemClock } from '../../../system-clock.js';
import { EraFinder } from '../../server/era-finder.js';
import { StreamableHttpTransport } from '../../transports/streamable-http.transport.js';
import { UnixTransport } from '../../transports/unix.transport.js';
import { WebSocketTransport } from '../../transports/websocket.transport.js';
import type { Channel } from '../channel.js';

const TRANSPORTS = {
  streamable_http: new StreamableHttpTransport(),
  websocket: new WebSocketTransport(),
  unix: new UnixTransport(),
} as const;
type Kind = keyof typeof TRANSPORTS;

let told: string[];
let ended: boolean;
let channel: Channel | undefined;
let host: ModernHost | undefined;

beforeEach(() => {
  told = [];
  ended = false;
});

afterEach(async () => {
  await channel?.close();
  await host?.[Symbol.asyncDispose]();
  host = channel = undefined;
});

async function open(kind: Kind, url: string): Promise<Channel> {
  const owner = channelOwner({
    listChanged: (list) => void told.push(list),
    resourceUpdated: (params) => void told.push(params.bytes.toString()),
    ending: () => (ended = true),
  });
  const context = { settings: settingsWith({ era: 'modern', url }), clock: systemClock, events: new Events() };
  const opening = { capabilities: {}, giveUp: new AbortController().signal };
  return (channel = await new EraFinder(TRANSPORTS[kind], context).open(owner, opening));
}

async function ask(method: string, params: JsonObject): Promise<JsonObject> {
  const request = new McpRequest(method, readParams(Buffer.from(JSON.stringify(params))));
  const reply = await channel!.ask(request, systemClock.now() + 5_000);
  return reply.json.object();
}

function call(name: string, args: JsonObject): Promise<JsonObject> {
  return ask('tools/call', { name, arguments: args });
}

describe.each(['streamable_http', 'websocket', 'unix'] as const)('Listening to a real server over %s', (kind) => {
  it('hears of what changes, for as long as it is wanted', async () => {
    host = await modernHost(kind);
    await open(kind, host.url);
    await until(() => told.length === 3, 'the server to be listened to');
    told.length = 0;
    expect(await ask('resources/subscribe', { uri: 'note://first' })).toEqual({});
    await call('touch', { uri: 'note://second' });
    await call('touch', { uri: 'note://first' });
    await until(() => told.includes('{"uri":"note://first"}'), 'the update');
    await call('grow', { name: 'bean' });
    await until(() => told.includes('tools'), 'the change of the tools');
    await call('rearrange', { list: 'prompts' });
    await until(() => told.includes('prompts'), 'the change of the prompts');

    expect(told).toEqual(['{"uri":"note://first"}', 'tools', 'prompts']);
    expect(await ask('resources/unsubscribe', { uri: 'note://first' })).toEqual({});
    await until(() => channel!.pending === 1, 'one listen to be left');
  });
});

describe('Listening to a scripted server over HTTP', () => {
  it.each([
    [
      '404 and nothing else',
      (server: ScriptedModern) => server.on('subscriptions/listen', (asked) => asked.status(404)),
    ],
    ['405', (server: ScriptedModern) => server.on('subscriptions/listen', (asked) => asked.status(405))],
    [
      'that it knows no such method',
      (server: ScriptedModern) => server.on('subscriptions/listen', (asked) => asked.error(-32601, 'no', {}, 404)),
    ],
  ])('leaves it in peace, and its channel as it is, when it answers %s', async (_, script) => {
    await using server = await ScriptedModern.start({ tools: { listChanged: true }, resources: { subscribe: true } });
    script(server);
    server.on('tools/list', (asked) => asked.reply({ tools: [] }));
    await open('streamable_http', server.url);
    await until(() => server.heardOf('subscriptions/listen').length > 0, 'a listen');
    await until(() => channel!.pending === 0, 'its answer');

    expect(await ask('resources/subscribe', { uri: 'db://a' })).toMatchObject({ code: -32602 });
    expect(await ask('tools/list', {})).toMatchObject({ tools: [] });
    expect(server.heardOf('subscriptions/listen')).toHaveLength(1);
    expect(ended).toBe(false);
  });

  it('listens again when it breaks', async () => {
    await using server = await ScriptedModern.start({ tools: { listChanged: true } });
    await open('streamable_http', server.url);
    const first = await server.next('subscriptions/listen');
    first.acknowledge();
    await until(() => told.length === 1, 'the acknowledgement');
    first.break();
    const second = await server.next('subscriptions/listen');
    second.acknowledge();
    await until(() => told.length === 2, 'what may have been missed');

    await channel?.close();
    await second.closed;
  });

  it('listens again when it is told that it is over', async () => {
    await using server = await ScriptedModern.start({ tools: { listChanged: true } });
    await open('streamable_http', server.url);
    const first = await server.next('subscriptions/listen');
    first.acknowledge();
    first.endListen();

    (await server.next('subscriptions/listen')).acknowledge();
    await until(() => told.length === 2, 'what may have been missed');
  });
});
