import { call, DownstreamApp, request } from '../../test/support/downstream.js';
import { JsonBytes } from '../core/json.js';
import type { McpReply } from '../core/message.js';

const AUDIO = '{"content":[{"type":"audio","data":"AA==","mimeType":"audio/wav"}]}';
const TOOLS = '{"tools":[{"name":"a","inputSchema":{"type":"object"},"outputSchema":{"type":"object"}}]}';
const URL_NEEDED =
  '{"code":-32042,"message":"sign in","data":{"elicitations":[{"url":"https://login.example/","message":"Sign in"}]}}';

const reply = (kind: McpReply['kind'], text: string): McpReply => ({ kind, json: new JsonBytes(Buffer.from(text)) });

let app: DownstreamApp;

describe('a reply', () => {
  beforeEach(async () => {
    app = await DownstreamApp.start();
  });

  afterEach(() => app.stop());

  it('is, digit for digit, that of the server for a client that knows all of it', async () => {
    const desk = await app.introduced('2025-11-25');
    app.routes.handler = () => Promise.resolve(reply('result', AUDIO));
    expect(await desk.ask(call('t', 1))).toEqual({ jsonrpc: '2.0', id: 1, result: JSON.parse(AUDIO) });
    app.routes.handler = () => Promise.resolve(reply('error', URL_NEEDED));
    expect(await desk.ask(call('t', 2))).toEqual({ jsonrpc: '2.0', id: 2, error: JSON.parse(URL_NEEDED) });
  });

  it('is in the words of the revision of its client', async () => {
    const [old, young] = [await app.introduced('2024-11-05'), await app.introduced('2025-11-25')];
    app.routes.handler = () => Promise.resolve(reply('result', AUDIO));
    expect(JSON.stringify(await old.ask(call('t', 1)))).not.toContain('"audio"');
    app.routes.handler = () => Promise.resolve(reply('result', TOOLS));
    expect(JSON.stringify(await young.ask(request('tools/list', 2)))).toContain('outputSchema');
    expect(JSON.stringify(await old.ask(request('tools/list', 2)))).not.toContain('outputSchema');
  });

  it('is judged as what its client gets', async () => {
    const old = await app.introduced('2025-06-18');
    app.routes.handler = () => Promise.resolve(reply('error', URL_NEEDED));
    expect(await old.ask(call('t', 1))).toMatchObject({ result: { isError: true } });
    expect(app.outcome('tools/call')).toEqual(['200 -']);
  });

  it('that cannot be put into those words is a failure of ours, and still the only answer', async () => {
    const old = await app.introduced('2024-11-05');
    app.routes.handler = () => Promise.resolve(reply('result', '{"structuredContent"'));
    expect(await old.ask(call('t', 1))).toMatchObject({ id: 1, error: { code: expect.any(Number) as unknown } });
    app.routes.handler = () => Promise.resolve(reply('result', '{}'));
    expect(await old.ask(call('t', 2))).toMatchObject({ id: 2, result: {} });
  });
});
