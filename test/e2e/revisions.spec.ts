import { exactBytes, parseExact } from '../../src/bridge/shape/exact-json.js';
import { JsonBytes, type JsonObject } from '../../src/core/json.js';
import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { endpointAt, RAW_TRANSPORTS, type Endpoint, type Json } from '../support/raw-clients.ts';
import { ScriptedUpstream, UPSTREAM_KINDS, type Heard, type Script } from '../support/scripted-upstream.ts';

const REVISIONS = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'] as const;

/** Numbers that no double holds, escapes, members that nobody has heard of. */
const ODD = String.raw`"vendor/x":{"big":12345678901234567890,"tiny":1e-400,"exact":1.0,"esc":"\u00e9\/\ud83d\ude00","__proto__":{"a":1},"nil":null}`;
const TOOL = `{"name":"find","inputSchema":{"type":"object","x-mcp":1},"_meta":{${ODD}},"annotations":{"madeUp":true},${ODD}}`;
const TOOLS = `{"tools":[${TOOL}],${ODD}}`;
const CALL_PARAMS = `"arguments":{"q":{${ODD}}},"_meta":{"traceparent":"00-a","com.vendor/k":{${ODD}}},${ODD}`;
const CALL_RESULT = `{"content":[{"type":"text","text":"\\u00e9",${ODD}},{"type":"hologram","data":{${ODD}}}],"structuredContent":{${ODD}},"isError":false,"_meta":{${ODD}},${ODD}}`;
/** As clients get it whose revision has no structured content: in other spelling, for something was taken out. */
const OLD_CALL_RESULT = respelled(CALL_RESULT.replace(`"structuredContent":{${ODD}},`, ''));
const ERROR = `{"code":-31999,"message":"no \\u00e9","data":{${ODD}},${ODD}}`;

const SCRIPT: Script = {
  'tools/list': ({ reply }) => reply(TOOLS),
  'tools/call': ({ params, reply, fail }) => (params['fails'] === true ? fail(ERROR) : reply(CALL_RESULT)),
  'prompts/list': ({ reply }) => reply('{"prompts":[{"name":"ask"}]}'),
  'completion/complete': ({ reply }) => reply(`{"completion":{"values":["a"],${ODD}}}`),
};

const UPSTREAMS = UPSTREAM_KINDS.flatMap((kind) => REVISIONS.map((revision) => ({ kind, revision })));

/** The same JSON without needless escapes; numbers stay as they were written. */
function respelled(json: string): string {
  return exactBytes(parseExact(new JsonBytes(Buffer.from(json))) as JsonObject).bytes.toString();
}

function groupOf({ kind, revision }: { kind: string; revision: string }): string {
  return `${kind}-${revision}`;
}

describe('revisions', () => {
  const upstreams = new Map<string, ScriptedUpstream>();
  let gateway: RunningGateway;
  let endpoint: Endpoint;

  beforeAll(async () => {
    for (const { kind, revision } of UPSTREAMS) {
      const completions = revision === '2024-11-05' ? {} : { completions: {} };
      const capabilities = { tools: {}, prompts: {}, ...completions };
      upstreams.set(
        groupOf({ kind, revision }),
        await ScriptedUpstream.start(kind, { revision, capabilities, script: SCRIPT }),
      );
    }
    const groups = Array.from(upstreams, ([name, { toml }]) => `[[upstream.groups."${name}".servers]]\n${toml}\n`);
    gateway = await startGateway(`${EPHEMERAL}\n${groups.join('')}`);
    await gateway.ready();
    endpoint = endpointAt(gateway.url);
  });

  afterAll(async () => {
    await gateway?.stop();
    for (const upstream of upstreams.values()) upstream.stop();
  });

  describe.each(UPSTREAMS)('with a server of $revision over $kind', (upstream) => {
    const group = groupOf(upstream);
    const scripted = (): ScriptedUpstream => upstreams.get(group)!;
    const last = (): Heard => scripted().heard.at(-1)!;

    it('offer the newest to the server and take the one that it speaks', async () => {
      const [first, second] = scripted().heard.filter(({ method }) => method !== 'server/discover');
      // HTTP+SSE has no modern revision.
      expect(scripted().heard[0]?.method).toBe(upstream.kind === 'sse' ? 'initialize' : 'server/discover');
      expect(first?.params['protocolVersion']).toBe('2025-11-25');
      expect(second?.method).toBe('notifications/initialized');
      const peer = await gateway.json<{ groups: { name: string; servers: Json[] }[] }>('/api/v1/upstreams');
      expect(JSON.stringify(peer.groups.find(({ name }) => name === group))).toContain(upstream.revision);
    });

    it.each(REVISIONS.flatMap((revision) => RAW_TRANSPORTS.map((transport) => [revision, transport] as const)))(
      'carry every byte of a %s client over %s both ways',
      async (revision, transport) => {
        const alone = await endpoint.asker(transport, revision, `/mcp/${group}`);
        const ask = (client: typeof alone, method: string, params: string): Promise<string> =>
          client.ask(`{"jsonrpc":"2.0","id":"x","method":"${method}","params":${params},"extra":1}`);
        const reply = (result: string): string => `{"jsonrpc":"2.0","id":"x","result":${result}}`;

        expect(await ask(alone, 'tools/list', '{}')).toBe(reply(TOOLS));
        const params = `{"name":"find",${CALL_PARAMS}}`;
        const expected = revision < '2025-06-18' ? OLD_CALL_RESULT : CALL_RESULT;
        expect(await ask(alone, 'tools/call', params)).toBe(reply(expected));
        expect(last().text).toContain(`"params":${params}`);
        expect(last().headers['mcp-protocol-version']).toBe(
          ['http', 'sse'].includes(upstream.kind) && upstream.revision >= '2025-06-18' ? upstream.revision : undefined,
        );
        expect(await ask(alone, 'tools/call', `{"name":"find","fails":true}`)).toBe(
          `{"jsonrpc":"2.0","id":"x","error":${ERROR}}`,
        );
        const ref = '{"ref":{"type":"ref/prompt","name":"ask"},"argument":{"name":"n","value":""},"context":{"k":1}}';
        expect(await ask(alone, 'completion/complete', ref)).toBe(reply(`{"completion":{"values":["a"],${ODD}}}`));
        alone.close();

        const together = await endpoint.asker(transport, revision);
        expect(await ask(together, 'tools/call', `{${CALL_PARAMS},"name":"${group}__find"}`)).toBe(reply(expected));
        expect(last().text).toContain(`"params":{${CALL_PARAMS},"name":"find"}`);
        expect(await ask(together, 'tools/list', '{}')).toContain(TOOL.replace('"find"', `"${group}__find"`));
        expect(await ask(together, 'completion/complete', ref.replace('"ask"', `"${group}__ask"`))).toBe(
          reply(`{"completion":{"values":["a"],${ODD}}}`),
        );
        together.close();
      },
    );
  });

  it('let a server of 2025-03-26 answer in batches, and no other', async () => {
    const call =
      '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"find","_meta":{"progressToken":"p"}}}';
    const answered = async (revision: string): Promise<string> => {
      const upstream = upstreams.get(`ws-${revision}`)!;
      upstream.script['tools/call'] = ({ message, params, say, reply }) => {
        const token = JSON.stringify((params['_meta'] as Json)['progressToken']);
        const progress = `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${token},"progress":1}}`;
        say(`[${progress},{"jsonrpc":"2.0","id":${String(message['id'])},"result":{"batched":true}}]`);
        reply({ batched: false });
      };
      const client = await endpoint.introduced('2025-11-25', `/mcp/ws-${revision}`);
      client.send(call);
      const first = await client.nextText();
      client.socket.close();
      upstream.script['tools/call'] = SCRIPT['tools/call']!;
      return first;
    };

    expect(await answered('2025-03-26')).toContain('notifications/progress');
    for (const revision of ['2024-11-05', '2025-06-18', '2025-11-25']) {
      expect(await answered(revision)).toContain('"batched":false');
    }
  });

  it.each(RAW_TRANSPORTS)('let a client of 2025-03-26 over %s ask in batches, and no other', async (transport) => {
    const call = (id: string, group: string): string =>
      `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"${group}__find"}}`;
    const batch = `[${call('1', 'stdio-2024-11-05')},{"jsonrpc":"2.0","method":"notifications/x"},${call('"1"', 'http-2025-11-25')},${call('2', 'ws-2025-06-18')}]`;
    for (const revision of REVISIONS) {
      const client = await endpoint.asker(transport, revision);
      const text = await client.ask(batch);
      if (revision === '2025-03-26') {
        const reply = (id: string): string => `{"jsonrpc":"2.0","id":${id},"result":${OLD_CALL_RESULT}}`;
        expect(text).toBe(`[${reply('1')},${reply('"1"')},${reply('2')}]`);
      } else {
        expect(JSON.parse(text)).toMatchObject({ error: { code: -32600 } });
      }
      client.close();
    }
  });

  it('answer two requests of one id in one batch so that each id is answered once', async () => {
    const call = '{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"stdio-2024-11-05__find"}}';
    for (const transport of RAW_TRANSPORTS) {
      const client = await endpoint.asker(transport, '2025-03-26');
      const replies = JSON.parse(await client.ask(`[${call},${call}]`)) as Json[];
      expect(replies.filter(({ id }) => id === 5)).toHaveLength(1);
      expect(replies).toHaveLength(2);
      client.close();
    }
  });

  it('are judged by what the header says, where it says anything', async () => {
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
    const { 'mcp-session-id': id } = await endpoint.session('2025-06-18');
    const statusOf = async (method: string, revision: string | string[] | undefined): Promise<number> => {
      const headers = { 'mcp-session-id': id!, ...(revision !== undefined && { 'mcp-protocol-version': revision }) };
      if (method === 'POST') return (await endpoint.post(ping, headers)).status;
      const response = await endpoint.open(method, { headers: { accept: 'text/event-stream', ...headers } });
      response.destroy();
      return response.statusCode!;
    };

    for (const method of ['POST', 'GET']) {
      for (const revision of [undefined, ...REVISIONS]) expect(await statusOf(method, revision)).toBe(200);
      for (const revision of ['2026-07-28', '1999-01-01', '', ['2025-06-18', '2025-06-18']]) {
        expect(await statusOf(method, revision)).toBe(400);
      }
    }
    expect(await statusOf('DELETE', '1999-01-01')).toBe(400);
    expect(await statusOf('DELETE', undefined)).toBe(200);
  });
});
