import { FakeGroup, success, type FakeGroupOptions } from '../../../test/support/fake-group.ts';
import { CLIENT, request, RoutingBench, TestStay } from '../../../test/support/routing.ts';
import { GatewayError } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import type { McpReply } from '../../core/message.js';
import type { Peer } from '../../core/peer.js';
import type { Principal } from '../../core/principal.js';
import type { Topology } from '../topology.js';

const EXTENSION = { extensions: { 'io.modelcontextprotocol/tasks': {} } };
const MADE = '{"resultType":"task","taskId":"job-9","status":"working","x-vendor":{"taskId":"job-9"}, "ttlMs":60000 }';

let bench: RoutingBench;

beforeEach(() => {
  bench = new RoutingBench();
});

const worded = (text: string, type = 'complete'): McpReply => ({ ...success(text), type }) as McpReply;
const textOf = ({ json }: McpReply): string => json.bytes.toString();

/** A group of modern servers that make tasks of their own accord. */
function group(name = 'crm', on: FakeGroupOptions['on'] = {}): FakeGroup {
  const tools = () => '{"tools":[{"name":"export","inputSchema":{"type":"object"}}]}';
  return new FakeGroup(name, {
    era: 'modern',
    capabilities: { tools: {}, ...EXTENSION },
    on: { 'tools/list': tools, 'tools/call': () => worded(MADE, 'task'), ...on },
  });
}

interface Asked {
  readonly path?: string;
  readonly principal?: Principal;
  readonly declares?: JsonObject;
  readonly era?: Peer['era'];
}

async function ask(topology: Topology, method: string, params: JsonObject | string, asked: Asked = {}) {
  const { path = '/mcp', principal = bench.principal('anna'), declares = EXTENSION, era = 'modern' } = asked;
  const peer: Peer = { ...CLIENT, era, revision: era === 'modern' ? '2026-07-28' : '2025-11-25' };
  const stay = new TestStay('stay', { principal });
  stay.peer = peer;
  const server = { group: 'crm', server: 'crm-1' };
  const exchange = bench.exchange({ method, peer, principal, stay, declares, server });
  const reply = await topology
    .find(path)!
    .handle(request(method, params), exchange)
    .catch((thrown: unknown) => GatewayError.from(thrown));
  return { reply, exchange };
}

/** As `ask`, for what a server answers with a result. */
async function resultOf(...asked: Parameters<typeof ask>): Promise<McpReply> {
  const { reply } = await ask(...asked);
  if (reply instanceof GatewayError) throw reply;
  return reply;
}

async function made(topology: Topology, asked: Asked = {}): Promise<string> {
  const name = asked.path === undefined ? 'crm__export' : 'export';
  const reply = await resultOf(topology, 'tools/call', { name, arguments: {} }, asked);
  return reply.json.object()['taskId'] as string;
}

describe('a task that a modern server made', () => {
  it.each([undefined, '/mcp/crm'])(
    'is told under an id of ours, and nothing else in it is touched (%s)',
    async (path) => {
      const topology = await bench.topology([group()]);
      const reply = await resultOf(
        topology,
        'tools/call',
        { name: path ? 'export' : 'crm__export' },
        { ...(path && { path }) },
      );
      const id = reply.json.object()['taskId'] as string;

      expect(id).toMatch(/^gw1\./u);
      expect(textOf(reply)).toBe(MADE.replace('"taskId":"job-9"', `"taskId":"${id}"`));
      expect(reply).toMatchObject({ kind: 'result', type: 'task' });
      expect(await made(topology, path ? { path } : {})).toBe(id);
    },
  );

  it('is asked for under the own id of its server, at that server, and told under the id that was asked for', async () => {
    const crm = group('crm', {
      'tasks/get': () => worded('{"resultType":"complete","taskId":"job-9","status":"working"}'),
      'tasks/cancel': () => worded('{"resultType":"complete"}'),
    });
    const topology = await bench.topology([crm]);
    const taskId = await made(topology);

    const { reply, exchange } = await ask(topology, 'tasks/get', { taskId });
    expect(exchange.target).toEqual({ group: 'crm', name: 'job-9', server: 'crm-1' });
    expect(crm.sent.at(-1)?.renamed).toBe('job-9');
    expect(reply).toMatchObject({ kind: 'result', type: 'complete' });
    expect(textOf(reply as McpReply)).toBe(`{"resultType":"complete","taskId":"${taskId}","status":"working"}`);

    expect(textOf(await resultOf(topology, 'tasks/cancel', { taskId }))).toBe('{"resultType":"complete"}');
    expect(crm.sent.at(-1)?.renamed).toBe('job-9');
  });

  it('brings what came of it, and what it needs, in the words of the route', async () => {
    const link = (uri: string) => `{"content":[{"type":"resource_link","uri":"${uri}","name":"n"}]}`;
    const asks = (uri: string, context: string) =>
      `{"a":{"method":"sampling/createMessage","params":{"includeContext":"${context}","messages":[{"role":"user","content":{"type":"resource","resource":{"uri":"${uri}"}}}]}},` +
      `"b":{"method":"elicitation/create","params":{"message":"db://x"}}}`;
    const task = (id: string, uri: string, context: string) =>
      `{"taskId":"${id}","result":${link(uri)},"error":{"code":1,"data":{"uri":"${uri}"}},"inputRequests":${asks(uri, context)}}`;
    const crm = group('crm', { 'tasks/get': () => worded(task('job-9', 'db://x', 'allServers')) });
    const topology = await bench.topology([crm]);
    const taskId = await made(topology);

    expect(textOf(await resultOf(topology, 'tasks/get', { taskId }))).toBe(task(taskId, 'crm+db://x', 'none'));
    const own = await resultOf(topology, 'tasks/get', { taskId }, { path: '/mcp/crm' });
    expect(textOf(own)).toBe(task(taskId, 'db://x', 'allServers'));
  });

  it('gets the answers to what it asked as the client wrote them', async () => {
    const crm = group('crm', { 'tasks/update': () => worded('{"resultType":"complete"}') });
    const topology = await bench.topology([crm]);
    const taskId = await made(topology);
    const params = `{"taskId":"${taskId}", "inputResponses": {"a":{"action":"accept","content":{"n":1.0}}}}`;

    await resultOf(topology, 'tasks/update', params);

    const [sent] = crm.sent.slice(-1);
    expect([sent?.method, sent?.renamed, sent?.params?.bytes.toString()]).toEqual(['tasks/update', 'job-9', params]);
  });

  it('is nothing to whoever does not declare the extension, whether or not there is one', async () => {
    const topology = await bench.topology([group()]);
    const taskId = await made(topology);
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
      for (const id of [taskId, 'unknown']) {
        const { reply } = await ask(topology, method, { taskId: id }, { declares: {} });
        expect(reply).toMatchObject({
          code: 'protocol_missing_capability',
          data: { requiredCapabilities: EXTENSION },
        });
      }
    }
    const { reply } = await ask(topology, 'tools/call', { name: 'crm__export' }, { declares: {} });
    expect(reply).toMatchObject({ code: 'upstream_protocol_error' });
  });

  it('is nothing to anybody else, nor to a legacy client', async () => {
    const topology = await bench.topology([group(), new FakeGroup('old', { capabilities: { tasks: {} } })]);
    const taskId = await made(topology);
    for (const asked of [{ principal: bench.principal('bert') }, { era: 'legacy' as const }]) {
      const { reply } = await ask(topology, 'tasks/get', { taskId }, asked);
      expect(reply).toMatchObject({ code: 'target_unknown' });
    }
    expect((await ask(topology, 'tasks/get', { taskId: 'unknown' })).reply).toMatchObject({ code: 'target_unknown' });
    const { reply } = await ask(topology, 'tools/call', { name: 'crm__export' }, { era: 'legacy', declares: {} });
    expect(reply).toMatchObject({ code: 'upstream_protocol_error' });
  });
});

describe('a task of a legacy server', () => {
  it('is not made for a modern client, and not known to it', async () => {
    const legacy = new FakeGroup('crm', {
      capabilities: { tools: {}, tasks: { requests: { tools: { call: {} } } } },
      on: {
        'tools/list': () => '{"tools":[{"name":"export","inputSchema":{"type":"object"}}]}',
        'tools/call': ({ params }) => (params?.spans.task ? '{"task":{"taskId":"t"}}' : '{"content":[]}'),
      },
    });
    const topology = await bench.topology([legacy]);
    const params = { name: 'crm__export', task: { ttl: 1 } };
    expect(textOf(await resultOf(topology, 'tools/call', params))).toBe('{"content":[]}');

    const old = await resultOf(topology, 'tools/call', params, { era: 'legacy' });
    const { taskId } = old.json.object()['task'] as { taskId: string };
    expect((await ask(topology, 'tasks/get', { taskId })).reply).toMatchObject({ code: 'target_unknown' });
    for (const method of ['tasks/result', 'tasks/list']) {
      expect((await ask(topology, method, { taskId })).reply).toMatchObject({ code: 'protocol_unknown_method' });
    }
  });
});
