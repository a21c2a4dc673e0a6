import { failure, FakeGroup } from '../../../test/support/fake-group.ts';
import { request, RoutingBench, TestStay } from '../../../test/support/routing.ts';
import type { JsonObject } from '../../core/json.js';
import { ANONYMOUS, type Principal } from '../../core/principal.js';
import type { Topology } from '../topology.js';

const CAPABILITIES = { tools: {}, tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } };
const ANNA: Principal = { ...ANONYMOUS, method: 'test', subject: 'anna' };
const BERT: Principal = { ...ANNA, subject: 'bert' };

interface Listed {
  readonly tasks: readonly { readonly taskId: string; readonly n?: number }[];
  readonly nextCursor?: string;
  readonly _meta?: object;
}

let bench: RoutingBench;

beforeEach(() => {
  bench = new RoutingBench();
});

/** A server that makes tasks with these ids, one after the other, and lists so many on a page. */
function group(name: string, ids: readonly string[], perPage = 100): FakeGroup {
  const waiting = [...ids];
  const all = [...ids, 'of-somebody-else'];
  return new FakeGroup(name, {
    capabilities: CAPABILITIES,
    isolation: 'shared',
    on: {
      'tools/list': () => '{"tools":[{"name":"work","inputSchema":{"type":"object"}}]}',
      'tools/call': () => `{"task":{"taskId":"${waiting.shift()}"}}`,
      'tasks/get': ({ renamed }) => `{"taskId":"${renamed}"}`,
      'tasks/list': ({ params }) => {
        const start = Number(params?.text('cursor') ?? 0);
        const tasks = all.slice(start, start + perPage).map((taskId, n) => ({ taskId, n: start + n }));
        const next = start + perPage < all.length ? { nextCursor: String(start + perPage) } : {};
        return JSON.stringify({ tasks, ...next });
      },
    },
  });
}

async function ask(topology: Topology, method: string, params: JsonObject, principal = ANNA, path = '/mcp') {
  const server = {
    group: 'crm',
    server: `${
      JSON.stringify(params['name'] ?? '')
        .slice(1)
        .split('__')[0]
    }-1`,
  };
  const exchange = bench.exchange({ method, principal, server, stay: new TestStay(principal.subject, { principal }) });
  const reply = await topology.find(path)!.handle(request(method, params), exchange);
  return { kind: reply.kind, value: reply.json.object() };
}

async function begin(topology: Topology, groupName: string, principal = ANNA): Promise<string> {
  const { value } = await ask(topology, 'tools/call', { name: `${groupName}__work`, task: {} }, principal);
  return (value['task'] as unknown as { taskId: string }).taskId;
}

async function list(topology: Topology, cursor?: string, principal = ANNA): Promise<Listed> {
  return (await ask(topology, 'tasks/list', cursor === undefined ? {} : { cursor }, principal))
    .value as unknown as Listed;
}

describe('the list of tasks', () => {
  it('shows each principal what was made for it, in all groups, and nothing else', async () => {
    const topology = await bench.topology([group('crm', ['a', 'b', 'c']), group('wiki', ['a'])]);
    const mine = [await begin(topology, 'crm'), await begin(topology, 'wiki')];
    const others = [await begin(topology, 'crm', BERT)];

    const { tasks } = await list(topology);
    expect(tasks.map(({ taskId }) => taskId)).toEqual(mine);
    expect(tasks[0]).toEqual({ taskId: mine[0], n: 0 });
    expect((await list(topology, undefined, BERT)).tasks.map(({ taskId }) => taskId)).toEqual(others);
    expect(await list(topology, undefined, ANONYMOUS)).toEqual({ tasks: [] });
  });

  it('shows each stay its own where nobody says who is asking: another knows no ids, and so has no tasks', async () => {
    const topology = await bench.topology([group('crm', ['a', 'b'])]);
    const stays = [new TestStay('1'), new TestStay('2')] as const;
    const as = async (stay: TestStay, method: string, params: JsonObject = {}) => {
      const exchange = bench.exchange({ method, stay, server: { group: 'crm', server: 'crm-1' } });
      return (await topology.find('/mcp')!.handle(request(method, params), exchange)).json.object();
    };
    const begun = (stay: TestStay) => as(stay, 'tools/call', { name: 'crm__work', task: {} });
    const made = [await begun(stays[0]), await begun(stays[1])] as unknown as { task: { taskId: string } }[];

    for (const [at, stay] of stays.entries()) {
      const { tasks } = (await as(stay, 'tasks/list')) as unknown as Listed;
      expect(tasks.map(({ taskId }) => taskId)).toEqual([made[at]?.task.taskId]);
    }
    expect(await as(new TestStay('3'), 'tasks/list')).toEqual({ tasks: [] });
    // Whoever was told an id may use it, on whichever stay: it cannot be guessed.
    const { taskId } = made[0]!.task;
    expect(await as(stays[1], 'tasks/get', { taskId })).toEqual({ taskId });
  });

  it('goes on where its cursor leads, through the pages of every server', async () => {
    const groups = [group('crm', ['a', 'b', 'c'], 2), group('wiki', ['d'], 2)];
    const topology = await bench.topology(groups, { pageSize: 1 });
    const made: string[] = [];
    for (const name of ['crm', 'crm', 'crm', 'wiki']) made.push(await begin(topology, name));

    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page: Listed = await list(topology, cursor);
      seen.push(...page.tasks.map(({ taskId }) => taskId));
      cursor = page.nextCursor;
    } while (cursor !== undefined);

    expect(seen).toEqual(made);
    const asked = groups[1]?.asked.filter(({ method }) => method === 'tasks/list');
    expect(asked?.map(({ preferred }) => preferred)).toEqual(['wiki-1']);
  });

  it('takes no cursor of anybody else, or of another list', async () => {
    const topology = await bench.topology([group('crm', ['a', 'b'], 1)], { pageSize: 1 });
    await begin(topology, 'crm');
    const { nextCursor } = await list(topology);
    const invalid = { code: 'protocol_invalid_params' };

    await expect(list(topology, nextCursor, BERT)).rejects.toMatchObject(invalid);
    await expect(list(topology, 'nope')).rejects.toMatchObject(invalid);
    await expect(ask(topology, 'tools/list', { cursor: nextCursor! })).rejects.toMatchObject(invalid);
  });

  it('names the groups that could not be asked, and fails when none could', async () => {
    const [crm, wiki] = [group('crm', ['a']), group('wiki', ['b'])];
    const topology = await bench.topology([crm, wiki]);
    await begin(topology, 'crm');
    const mine = await begin(topology, 'wiki');

    crm.down = true;
    const { tasks, _meta } = await list(topology);
    expect(tasks.map(({ taskId }) => taskId)).toEqual([mine]);
    expect(_meta).toEqual({ 'mcp-gateway/degraded': ['crm'] });

    wiki.down = true;
    await expect(list(topology)).rejects.toMatchObject({ code: 'upstream_unavailable' });
  });

  it('leaves out a server that lists none', async () => {
    const crm = group('crm', ['a']);
    const topology = await bench.topology([crm]);
    await begin(topology, 'crm');

    crm.handlers['tasks/list'] = () => failure('{"code":-32601,"message":"Method not found"}');

    expect(await list(topology)).toEqual({ tasks: [] });
  });
});

describe('a task', () => {
  it('is asked for at the server that has it, under its own id', async () => {
    const [crm, wiki] = [group('crm', ['a']), group('wiki', ['a'])];
    const topology = await bench.topology([crm, wiki]);
    const taskId = await begin(topology, 'wiki');

    expect((await ask(topology, 'tasks/get', { taskId })).value).toEqual({ taskId });
    expect(crm.sent).toEqual([]);
    expect(wiki.sent.at(-1)?.renamed).toBe('a');
  });

  it('is not there for another principal, on a route without its group, or under a made-up id', async () => {
    const topology = await bench.topology([group('crm', ['a']), group('wiki', [])]);
    const taskId = await begin(topology, 'crm');
    const unknown = { code: 'target_unknown' };

    await expect(ask(topology, 'tasks/get', { taskId }, BERT)).rejects.toMatchObject(unknown);
    await expect(ask(topology, 'tasks/get', { taskId }, ANNA, '/mcp/wiki')).rejects.toMatchObject(unknown);
    await expect(ask(topology, 'tasks/result', { taskId: 'a' })).rejects.toMatchObject(unknown);
  });

  it('is nothing that can be asked for where no group has tasks, or in an older revision', async () => {
    const unknown = { code: 'protocol_unknown_method' };
    const plain = await bench.topology([new FakeGroup('plain', { capabilities: { tools: {} } })]);
    for (const method of ['tasks/get', 'tasks/list', 'tasks/cancel', 'tasks/result']) {
      await expect(ask(plain, method, { taskId: 'x' })).rejects.toMatchObject(unknown);
    }

    const topology = await bench.topology([group('crm', ['a'])]);
    const peer = { ...bench.exchange().peer, revision: '2025-06-18' };
    const exchange = bench.exchange({ method: 'tasks/list', peer });
    await expect(topology.find('/mcp')!.handle(request('tasks/list', {}), exchange)).rejects.toMatchObject(unknown);
  });
});
