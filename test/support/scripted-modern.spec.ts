import { ModernSdkClient } from './modern-sdk-client.ts';
import { askModern, ModernSocket, ModernStream } from './modern-raw-clients.ts';
import { listen, modern, modernCall, SUBSCRIPTION_ID } from './modern.ts';
import { modernHost } from './modern-server.ts';
import { endpointAt } from './raw-clients.ts';
import { ScriptedModern } from './scripted-modern.ts';

const TOOLS_CHANGED = 'notifications/tools/list_changed';

describe('A scripted modern server', () => {
  it('answers what the test says, and shows what it was sent', async () => {
    await using server = await ScriptedModern.start();
    const answered = askModern(endpointAt(server.url), modernCall('a', 1));
    const asked = await server.next('tools/call');
    asked.reply('{"resultType":"complete","content":[],"n":1.0}');

    expect(asked.headers).toMatchObject({ 'mcp-method': 'tools/call', 'mcp-name': 'a' });
    expect(await answered).toMatchObject({ status: 200, reply: { id: 1, result: { content: [] } } });
  });

  it('says things before it replies, and refuses', async () => {
    await using server = await ScriptedModern.start();
    const endpoint = endpointAt(server.url);
    const told = askModern(endpoint, modernCall('a', 1));
    const asked = await server.next();
    asked.say('notifications/progress', { progress: 1 });
    asked.reply({ content: [] });
    expect(await told).toMatchObject({ told: [{ method: 'notifications/progress' }], reply: { id: 1 } });

    const refused = askModern(endpoint, modernCall('b', 'x'));
    (await server.next()).error(-32_020, 'Header mismatch', undefined, 400);
    expect(await refused).toMatchObject({ status: 400, reply: { id: 'x', error: { code: -32_020 } } });
  });

  it('is listened to, and sees when nobody listens any more', async () => {
    await using server = await ScriptedModern.start();
    const opening = ModernStream.open(endpointAt(server.url), listen('L1'));
    const asked = await server.next('subscriptions/listen');
    asked.acknowledge();
    const stream = await opening;
    asked.tell(TOOLS_CHANGED);
    expect(await stream.next()).toMatchObject({ params: { _meta: { [SUBSCRIPTION_ID]: 'L1' } } });
    expect(await stream.next()).toMatchObject({ method: TOOLS_CHANGED });

    stream.close();
    await asked.closed;
    expect(asked.isOpen).toBe(false);
  });

  it('is understood by the official client', async () => {
    await using server = await ScriptedModern.start({ tools: { listChanged: true } });
    server.on('tools/call', (asked) => asked.reply({ content: [{ type: 'text', text: 'hi' }] }));
    server.on('subscriptions/listen', (asked) => asked.acknowledge());
    await using client = await new ModernSdkClient('ada').connect(server.url);

    expect(await client.call('a')).toBe('hi');
    const { honoredFilter } = await client.sdk.listen({ toolsListChanged: true });
    expect(honoredFilter).toEqual({ toolsListChanged: true });
    server.heardOf('subscriptions/listen')[0]?.tell(TOOLS_CHANGED);
    await client.told(TOOLS_CHANGED);
  });
});

describe('Raw modern clients', () => {
  it('take what a real server says over HTTP', async () => {
    await using host = await modernHost('streamable_http');
    const endpoint = endpointAt(host.url);
    const call = modern('tools/call', 1, { name: 'count', arguments: { to: 2 } }, { progressToken: 7 });
    const { told, reply } = await askModern(endpoint, call);
    expect(told.map(({ method }) => method)).toEqual(Array(2).fill('notifications/progress'));
    expect(reply).toMatchObject({ id: 1, result: { resultType: 'complete' } });

    const { reply: asked } = await askModern(endpoint, modernCall('ask', 2, { capabilities: { elicitation: {} } }));
    expect(asked).toMatchObject({ result: { resultType: 'input_required', inputRequests: { name: {} } } });
    const refused = await askModern(endpoint, modernCall('ask', 3), { 'mcp-name': 'other' });
    expect(refused).toMatchObject({ status: 400, reply: { error: { code: -32_020 } } });
  });

  it('take what a real server says over WebSocket, by the request that it is for', async () => {
    await using host = await modernHost('websocket');
    const socket = await ModernSocket.connect(endpointAt(host.url));
    socket.send(listen('L'));
    await socket.until(({ method }) => method === 'notifications/subscriptions/acknowledged');
    const grow = modern('tools/call', 1, { name: 'grow', arguments: { name: 'bean' } });
    expect(await socket.ask(grow)).toMatchObject({ result: { content: [{ text: 'grown' }] } });

    const changed = await socket.until(({ method }) => method === TOOLS_CHANGED);
    expect(changed).toMatchObject({ params: { _meta: { [SUBSCRIPTION_ID]: 'L' } } });
    socket.close();
  });
});
