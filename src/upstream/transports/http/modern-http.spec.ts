import { channelOwner } from '../../../../test/support/channel-owner.js';
import { ScriptedModern } from '../../../../test/support/scripted-modern.js';
import { settingsWith } from '../../../../test/support/server-settings.js';
import { TestCall } from '../../../../test/support/test-call.js';
import { until } from '../../../../test/support/until.js';
import { GatewayError } from '../../../core/errors.js';
import { Events } from '../../../core/events.js';
import { McpRequest } from '../../../core/message.js';
import { readParams } from '../../../protocol/index.js';
import { systemClock } from '../../../system-clock.js';
import type { Channel } from '../../channel/channel.js';
import { EraFinder } from '../../server/era-finder.js';
import { StreamableHttpTransport } from '../streamable-http.transport.js';

let server: ScriptedModern;
let channel: Channel;

beforeEach(async () => {
  server = await ScriptedModern.start();
});

afterEach(async () => {
  await channel?.close();
  await server[Symbol.asyncDispose]();
});

async function open(changed = {}): Promise<void> {
  const settings = settingsWith({ url: server.url, era: 'modern', ...changed });
  const context = { settings, clock: systemClock, events: new Events() };
  const opening = { capabilities: {}, giveUp: new AbortController().signal };
  channel = await new EraFinder(new StreamableHttpTransport(), context).open(channelOwner(), opening);
}

function call(name = 'find'): TestCall {
  const sent = new TestCall({ name });
  sent.deadline = systemClock.now() + 10_000;
  channel.send(sent);
  return sent;
}

async function outcomeOf(sent: TestCall) {
  return until(() => sent.outcome, 'the outcome');
}

describe('a modern server over HTTP', () => {
  it('gets each request with what its headers have to say, and nothing of a session', async () => {
    await open({ headers: { Authorization: 'Bearer x' } });
    const sent = call('café');
    const asked = await server.next('tools/call');
    asked.reply({ content: [] });
    await outcomeOf(sent);

    expect(asked.headers).toMatchObject({
      authorization: 'Bearer x',
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': '=?base64?Y2Fmw6k=?=',
    });
    await channel.close();
    expect(server.heard.map(({ httpMethod }) => httpMethod)).toEqual(['POST', 'POST']);
    expect(server.heard.every(({ headers }) => headers['mcp-session-id'] === undefined)).toBe(true);
  });

  it.each([200, 400, 404])('may answer an error of the protocol with status %s', async (status) => {
    await open();
    const sent = call();
    (await server.next()).error(-32020, 'Missing header Mcp-Param-Region', undefined, status);

    const outcome = await outcomeOf(sent);
    expect(outcome).toMatchObject({ kind: 'error' });
    expect(outcome).not.toBeInstanceOf(GatewayError);
  });

  it.each([401, 403])('does not let us in when its status is %s, which nobody is told', async (status) => {
    await open();
    const sent = call();
    (await server.next()).status(status, { 'www-authenticate': 'Bearer realm="inner"' });

    const outcome = await outcomeOf(sent);
    expect(outcome).toMatchObject({ code: 'upstream_unavailable', data: {} });
    expect(JSON.stringify(outcome)).not.toMatch(/inner|40[13]/);
  });

  it.each([400, 500])('has refused when its status is %s and its body no answer', async (status) => {
    await open();
    const sent = call();
    (await server.next()).status(status, { 'content-type': 'application/json' });

    expect(await outcomeOf(sent)).toMatchObject({ code: 'upstream_protocol_error', data: { status } });
  });

  it('is not there now when it says so', async () => {
    await open();
    const sent = call();
    (await server.next()).error(-32603, 'later', undefined, 503);

    expect(await outcomeOf(sent)).toMatchObject({ code: 'upstream_unavailable', data: { status: 503 } });
  });

  it('may tell of a request before it answers', async () => {
    await open();
    const sent = call();
    const asked = await server.next();
    asked.say('notifications/progress', { progressToken: asked.id, progress: 1 });
    asked.reply({ content: [] });

    expect(await outcomeOf(sent)).toMatchObject({ kind: 'result', type: 'complete' });
    expect(sent.interim).toHaveLength(1);
  });

  it('has lost a request whose stream breaks, and is not asked to go on with it', async () => {
    await open();
    const sent = call();
    const asked = await server.next();
    asked.say('notifications/progress', { progressToken: asked.id, progress: 1 });
    await until(() => sent.interim.length > 0, 'the progress');
    asked.break();

    expect(await outcomeOf(sent)).toMatchObject({ code: 'upstream_unavailable' });
    expect(server.heard.filter(({ httpMethod }) => httpMethod === 'GET')).toEqual([]);
  });

  it('learns from the end of the exchange that nobody waits any more', async () => {
    await open();
    const sent = call();
    const asked = await server.next();
    asked.begin();
    sent.abort.abort();

    await asked.closed;
    expect(server.heardOf('notifications/cancelled')).toEqual([]);
  });

  it('may say no more than allowed', async () => {
    await open({ maxMessageBytes: 2_000 });
    const sent = call();
    (await server.next()).error(-32603, 'x'.repeat(4_000), undefined, 400);

    expect(await outcomeOf(sent)).toMatchObject({ code: 'upstream_protocol_error' });
  });

  it('is listened to on a connection of its own, which is in the way of no request', async () => {
    await server[Symbol.asyncDispose]();
    server = await ScriptedModern.start({ tools: { listChanged: true }, resources: { subscribe: true } });
    server.on('subscriptions/listen', (asked) => asked.acknowledge());
    server.on('tools/call', (asked) => asked.reply({ content: [] }));
    await open({ maxConnections: 1, maxStreams: 1 });
    await until(() => server.heardOf('subscriptions/listen').length === 1, 'the listen');
    expect(await outcomeOf(call())).toMatchObject({ kind: 'result' });

    const params = readParams(Buffer.from('{"uri":"note://first"}'));
    await channel.ask(new McpRequest('resources/subscribe', params), systemClock.now() + 10_000);
    const [first, second] = server.heardOf('subscriptions/listen');
    await first!.closed;
    expect(await outcomeOf(call())).toMatchObject({ kind: 'result' });
    await channel.close();
    await second!.closed;
  });
});
