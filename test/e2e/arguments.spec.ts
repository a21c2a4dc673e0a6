import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { brisk } from '../support/brisk.ts';
import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { modern, postModern } from '../support/modern.ts';
import { call, endpointAt, type Endpoint, type Json, type WsClient } from '../support/raw-clients.ts';
import { plainTool, ToolShop } from '../support/tool-shop.ts';
import { until } from '../support/until.ts';

const SCHEMA = {
  type: 'object',
  properties: { q: { type: 'string' }, n: { type: 'integer', maximum: 5 } },
  required: ['q'],
  additionalProperties: false,
};

/** Never to be seen in what comes back. */
const SECRET = 'hunter2-hunter2';

function deep(levels: number): object {
  return levels === 0 ? { type: 'string' } : { anyOf: [deep(levels - 1), { type: 'null' }] };
}

describe('arguments of tools', () => {
  let strict: ToolShop;
  let observed: ToolShop;
  let free: ToolShop;
  let canary: Server;
  let asked = 0;
  let gateway: RunningGateway;
  let endpoint: Endpoint;
  let young: WsClient;
  let old: WsClient;

  beforeAll(async () => {
    canary = createServer((_, response) => {
      asked++;
      response.end('{}');
    }).listen(0, '127.0.0.1');
    await once(canary, 'listening');
    const $ref = `http://127.0.0.1:${(canary.address() as AddressInfo).port}/schema.json`;
    strict = await ToolShop.open(
      plainTool('search', { inputSchema: SCHEMA }),
      plainTool('remote', { inputSchema: { type: 'object', properties: { q: { $ref } } } }),
      plainTool('deep', { inputSchema: { type: 'object', properties: { q: deep(26) } } }),
      plainTool('redos', { inputSchema: { type: 'object', properties: { q: { pattern: '^(a+)+$' } } } }),
    );
    observed = await ToolShop.open(plainTool('search', { inputSchema: SCHEMA }));
    free = await ToolShop.open(plainTool('search', { inputSchema: SCHEMA }));
    const group = (name: string, { toml }: ToolShop) => `[[upstream.groups.${name}.servers]]\n${toml}\n`;
    gateway = await startGateway(
      `${EPHEMERAL}${group('a', strict)}${group('b', observed)}${group('c', free)}
[security.arguments]
mode = "enforce"
[security.arguments.groups.b]
mode = "observe"
[security.arguments.groups.c]
mode = "off"
`,
    );
    await gateway.ready();
    endpoint = endpointAt(gateway.url);
    young = await endpoint.introduced('2025-11-25');
    old = await endpoint.introduced('2025-06-18');
  });

  afterAll(async () => {
    young?.socket.terminate();
    old?.socket.terminate();
    await gateway?.stop();
    for (const shop of [strict, observed, free]) await shop?.[Symbol.asyncDispose]();
    await new Promise((done) => canary?.close(done));
  });

  let ids = 0;
  const ask = async (client: WsClient, name: string, given?: unknown): Promise<Json> => {
    client.send(call(name, ++ids, given === undefined ? {} : { arguments: given }));
    return client.next();
  };
  const counted = async (route: string, action: string): Promise<number> => {
    const text = await (await fetch(gateway.metricsUrl)).text();
    const series = `mcp_gateway_arguments_total{route="${route}",action="${action}"} `;
    return Number(
      text
        .split('\n')
        .find((line) => line.startsWith(series))
        ?.slice(series.length) ?? 0,
    );
  };
  const DONE = { content: [{ type: 'text', text: 'search done' }] };

  it('that do not fit never reach a server, on the first call of a route of one group too', async () => {
    const lists = strict.lists;
    const alone = await endpoint.introduced('2025-06-18', '/mcp/a');
    expect(await ask(alone, 'search', { q: 7 })).toMatchObject({
      error: { code: -32602, data: { reason: 'arguments_invalid', problems: [{ at: '/q', rule: 'type' }] } },
    });
    expect([strict.called, strict.lists - lists]).toEqual([[], 1]);
    expect(await ask(alone, 'search', { q: 'x' })).toMatchObject({ result: DONE });
    expect(strict.called.splice(0)).toEqual(['search']);
    alone.socket.terminate();
  });

  it.each<[string, unknown, Json]>([
    ['of another type', { q: 1 }, { at: '/q', rule: 'type' }],
    ['that are missing', {}, { at: '/q', rule: 'required' }],
    ['that are not there at all', undefined, { at: '/q', rule: 'required' }],
    ['too large', { q: SECRET, n: 9 }, { at: '/n', rule: 'maximum' }],
    ['nobody asked for', { q: SECRET, more: SECRET }, { at: '/more', rule: 'additionalProperties' }],
  ])(
    'are refused where they are %s, in the words of the revision and without their values',
    async (_, given, problem) => {
      const error = await ask(old, 'a__search', given);
      expect(error).toMatchObject({ error: { code: -32602, data: { problems: [problem] } } });
      const result = await ask(young, 'a__search', given);
      expect(result).toMatchObject({
        result: {
          isError: true,
          content: [{ type: 'text', text: expect.stringMatching(/^Invalid arguments: /) }],
          _meta: { 'mcp-gateway/problems': [problem] },
        },
      });
      expect(JSON.stringify([error, result])).not.toContain(SECRET);
      expect(strict.called).toEqual([]);
    },
  );

  it('are judged for modern clients too, in a result of their revision', async () => {
    const refused = modern('tools/call', 90, { name: 'a__search', arguments: { q: 1 } });
    expect(await postModern(endpoint, refused)).toMatchObject({
      status: 200,
      json: {
        result: {
          resultType: 'complete',
          isError: true,
          content: [{ type: 'text', text: expect.stringMatching(/^Invalid arguments: /) }],
          _meta: { 'mcp-gateway/problems': [{ at: '/q', rule: 'type' }] },
        },
      },
    });
    expect(strict.called).toEqual([]);
    const fits = modern('tools/call', 91, { name: 'a__search', arguments: { q: 'x' } });
    expect((await postModern(endpoint, fits)).json).toMatchObject({ result: { resultType: 'complete', ...DONE } });
    expect(strict.called.splice(0)).toEqual(['search']);
  });

  it('that say two things at once are refused', async () => {
    young.socket.send(
      `{"jsonrpc":"2.0","id":"twins","method":"tools/call","params":{"name":"a__search","arguments":{"q":7,"q":"x"}}}`,
    );
    expect(await young.next()).toMatchObject({
      result: { _meta: { 'mcp-gateway/problems': [{ rule: 'duplicateKey' }] } },
    });
    expect(strict.called).toEqual([]);
  });

  it('that fit pass', async () => {
    expect(await ask(young, 'a__search', { q: 'x', n: 5 })).toMatchObject({ result: DONE });
    expect(strict.called.splice(0)).toEqual(['search']);
  });

  it('are only counted and logged where they are observed, and not even read where nobody looks', async () => {
    expect(await ask(young, 'b__search', { q: SECRET, n: 9 })).toMatchObject({ result: DONE });
    expect(await ask(young, 'c__search', { q: 1 })).toMatchObject({ result: DONE });
    expect(await counted('mcp', 'forgiven')).toBe(1);
    expect(gateway.lines).toContainEqual(
      expect.objectContaining({ upstream_group: 'b', tool: 'search', rule: 'maximum' }),
    );
    expect(JSON.stringify(gateway.lines)).not.toContain(SECRET);
  });

  it('are not checked by schemas that are elsewhere or too deep, which is counted and said once', async () => {
    for (const name of ['a__remote', 'a__remote', 'a__deep']) {
      expect(await ask(young, name, { q: 1 })).toMatchObject({ result: { content: [{}] } });
    }
    expect(asked).toBe(0);
    expect(await counted('mcp', 'unchecked')).toBe(3);
    const unchecked = () => gateway.lines.filter(({ msg }) => msg?.includes('are not checked'));
    const said = await until(() => unchecked().length > 1 && unchecked(), 'the lines of the log');
    expect(said.map(({ tool }) => tool)).toEqual(['remote', 'deep']);
    strict.called.length = 0;
  });

  it('hold nobody up, whatever the patterns of their schema are', async () => {
    const start = performance.now();
    const judged = ask(young, 'a__redos', { q: `${'a'.repeat(200)}!` });
    expect(await ask(old, 'c__search', {})).toMatchObject({ result: DONE });
    expect(await judged).toMatchObject({ result: { _meta: { 'mcp-gateway/problems': [{ rule: 'cost' }] } } });
    expect(performance.now() - start).toBeLessThan(brisk(1_000));
    expect(strict.called).toEqual([]);
  });

  it('are judged for ever, however often somebody makes that too costly, and nobody else waits for it', async () => {
    const eve = await endpoint.introduced('2025-11-25');
    const costly = { q: `${'a'.repeat(200)}!` };
    for (let n = 0; n < 40; n++) eve.send(call('a__redos', `eve ${n}`, { arguments: costly }));
    let slowest = 0;
    for (let n = 0; n < 40; n++) {
      const start = performance.now();
      await ask(old, 'c__search', {});
      slowest = Math.max(slowest, performance.now() - start);
    }
    for (let n = 0; n < 40; n++) {
      expect(await eve.next()).toMatchObject({
        result: { isError: true, _meta: { 'mcp-gateway/problems': [{ rule: 'cost' }] } },
      });
    }
    expect(slowest).toBeLessThan(brisk(500));
    expect(strict.called).toEqual([]);
    eve.socket.terminate();
  }, 10_000);
});
