import { createHash } from 'node:crypto';

import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { endpointAt, type Endpoint, type Json } from '../support/raw-clients.ts';
import { ScriptedUpstream } from '../support/scripted-upstream.ts';
import { until } from '../support/until.ts';
import { type Answered, come, type Person, type Way, WAYS } from './support/person.ts';

const KEYS = { acme: 'key-of-acme-0123456789abcdef01234567', zeta: 'key-of-zeta-0123456789abcdef01234567' } as const;
type Tenant = keyof typeof KEYS;
const TENANTS: readonly Tenant[] = ['acme', 'zeta'];

const key = (tenant: Tenant): string => `
[[security.auth.api_keys]]
name = "one-of-${tenant}"
tenant = "${tenant}"
sha256 = "${createHash('sha256').update(KEYS[tenant]).digest('hex')}"
`;
const rule = (tenant: Tenant, tools: readonly string[]): string => `
[[security.policy.rules]]
name = "${tenant}"
tenants = ["${tenant}"]
tools = ${JSON.stringify(tools)}
prompts = ["${tenant}_*"]
resources = ["db://${tenant}", "db://${tenant}/*", "db://both"]
`;

const tool = (name: string): Json => ({
  name,
  inputSchema: { type: 'object' },
  execution: { taskSupport: 'optional' },
});
const AT = '2026-01-01T00:00:00Z';
const task = (taskId: string): Json => ({ taskId, status: 'working', ttl: 60_000, createdAt: AT, lastUpdatedAt: AT });
const changes = (person: Person): number =>
  person.told().filter(({ method }) => method === 'notifications/tools/list_changed').length;

const isUp = ({ heard }: ScriptedUpstream): boolean =>
  heard.some(({ method }) => method === 'notifications/initialized');

/** Two tenants who share a server, and see of it what is theirs. */
describe('two tenants', () => {
  let gateway: RunningGateway;
  let upstream: ScriptedUpstream;
  let own: ScriptedUpstream;
  let endpoint: Endpoint;
  let tools: string[];
  let things = 0;
  const open: Person[] = [];

  const settings = (left: Partial<Record<Tenant, readonly string[]>> = {}): string => `${EPHEMERAL}
[security.auth]
enabled = true
${TENANTS.map(key).join('')}
${TENANTS.map((tenant) => rule(tenant, left[tenant] ?? [`${tenant}_*`, 'both'])).join('')}
[[upstream.groups.default.servers]]
${upstream.toml}
`;

  beforeAll(async () => {
    tools = [...TENANTS.map((tenant) => `${tenant}_tool`), 'both'];
    const tasks: Json[] = [];
    upstream = await ScriptedUpstream.start('ws', {
      capabilities: {
        tools: { listChanged: true },
        prompts: {},
        resources: { subscribe: true },
        completions: {},
        tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } },
      },
      script: {
        'tools/list': ({ reply }) => reply({ tools: tools.map(tool) }),
        'prompts/list': ({ reply }) => reply({ prompts: TENANTS.map((name) => ({ name: `${name}_prompt` })) }),
        'resources/list': ({ reply }) =>
          reply({ resources: [...TENANTS, 'both'].map((name) => ({ uri: `db://${name}`, name })) }),
        'resources/templates/list': ({ reply }) =>
          reply({ resourceTemplates: TENANTS.map((name) => ({ uriTemplate: `db://${name}/{id}`, name })) }),
        'resources/read': ({ params, reply }) =>
          reply({ contents: [{ uri: params['uri'], text: `read ${++things}` }] }),
        'tools/call': ({ params, reply }) => {
          if (!params['task']) return reply({ content: [] });
          tasks.push(task(`t-${++things}`));
          reply({ task: tasks.at(-1) });
        },
        'tasks/list': ({ reply }) => reply({ tasks }),
        'tasks/get': ({ params, reply }) => reply(task(String(params['taskId']))),
        'tasks/cancel': ({ params, reply }) => reply({ ...task(String(params['taskId'])), status: 'cancelled' }),
        'tasks/result': ({ reply }) => reply({ content: [] }),
      },
    });
    own = await ScriptedUpstream.start('ws', {
      // It never tells the same twice.
      script: { 'tools/list': ({ reply }) => reply({ tools: [tool(`list-${++things}`)] }) },
    });
    gateway = await startGateway(settings());
    endpoint = endpointAt(gateway.url);
    await until(() => isUp(upstream), 'the server to be up');
  });
  afterEach(() => {
    for (const person of open.splice(0)) person.close();
  });
  afterAll(async () => {
    await gateway?.stop();
    upstream?.stop();
    own?.stop();
  });

  async function someone(way: Way, tenant: Tenant): Promise<Person> {
    const person = await come(endpoint, way, { 'x-api-key': KEYS[tenant] });
    open.push(person);
    return person;
  }
  const both = (way: Way): Promise<Person[]> => Promise.all(TENANTS.map((tenant) => someone(way, tenant)));
  const namesOf = async (person: Person, list: string, member: string, name = 'name'): Promise<string[]> => {
    const { reply } = await person.ask(list);
    return (reply['result'] as Record<string, Json[]>)[member]!.map((thing) => String(thing[name])).toSorted();
  };
  const toolsOf = async (person: Person): Promise<string[]> =>
    (await namesOf(person, 'tools/list', 'tools')).filter((name) => !name.startsWith('own__'));
  const heardOf = (server: ScriptedUpstream, methods: RegExp): number =>
    server.heard.filter(({ method }) => methods.test(method ?? '')).length;

  it('hear only of changes to lists that they see, over every transport', async () => {
    const people = (await Promise.all(WAYS.map(both))) as [Person, Person][];
    for (const person of people.flat()) await toolsOf(person);
    const told = (): [number, number][] => people.map(([acme, zeta]) => [changes(acme), changes(zeta)]);
    const expectTold = async (acme: number, zeta: number): Promise<void> => {
      await until(() => told().every(([a, z]) => a >= acme && z >= zeta), `${acme} and ${zeta} changes to be told`);
      expect(told()).toEqual(WAYS.map(() => [acme, zeta]));
    };
    const show = (name: string): void => {
      tools.push(name);
      upstream.say({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
    };
    show('acme_new');
    await expectTold(1, 0);
    show('zeta_new');
    await expectTold(1, 1);
    show('nobody_s');
    gateway.rewrite(settings({ acme: ['acme_*'] }));
    await expectTold(2, 1);
    gateway.rewrite(settings({ acme: ['acme_*'], zeta: ['zeta_*'] }));
    await expectTold(2, 2);
    expect(await Promise.all(people.flat().map(toolsOf))).toEqual(
      WAYS.flatMap(() => TENANTS.map((tenant) => [`${tenant}_new`, `${tenant}_tool`])),
    );
    tools.length = 3;
    upstream.say({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
    gateway.rewrite(settings());
    const [[acme]] = people as [[Person, Person]];
    await until(async () => String(await toolsOf(acme)) === 'acme_tool,both', 'it to be as it was');
  });

  it.each(WAYS)('see in every list what is theirs, whoever asked before, over %s', async (way) => {
    const people = await both(way);
    for (const who of [0, 1, 0]) {
      const [person, tenant] = [people[who]!, TENANTS[who]!];
      expect(await toolsOf(person)).toEqual([`${tenant}_tool`, 'both'].toSorted());
      expect(await namesOf(person, 'prompts/list', 'prompts')).toEqual([`${tenant}_prompt`]);
      expect(await namesOf(person, 'resources/list', 'resources', 'uri')).toEqual(
        [`db://${tenant}`, 'db://both'].toSorted(),
      );
      expect(await namesOf(person, 'resources/templates/list', 'resourceTemplates', 'uriTemplate')).toEqual([
        `db://${tenant}/{id}`,
      ]);
    }
  });

  it.each(WAYS)('cannot tell what is the other’s from what is not there, over %s', async (way) => {
    const zeta = await someone(way, 'zeta');
    const asked = async (method: string, name: string): Promise<string> => {
      const { status, reply } = await zeta.ask(method, paramsOf(method, name));
      return JSON.stringify({ status, ...reply, id: 0 }).replaceAll(name, '<>');
    };
    for (const method of [
      'tools/call',
      'prompts/get',
      'resources/read',
      'completion/complete',
      ...(zeta.isModern ? [] : ['resources/subscribe', 'resources/unsubscribe']),
    ]) {
      const before = upstream.heard.length;
      const hidden = await asked(method, 'acme');
      expect([method, hidden]).toEqual([method, await asked(method, 'nope')]);
      if (method !== 'resources/unsubscribe')
        expect([method, hidden]).toEqual([method, expect.stringContaining('"error"')]);
      expect(upstream.heard.slice(before).filter(({ text }) => /acme|nope/.test(text))).toEqual([]);
    }
  });

  it.each(WAYS)('read the same resource each for themselves, over %s', async (way) => {
    const people = await both(way);
    const before = heardOf(upstream, /^resources\/read$/);
    const read = await Promise.all(people.map((person) => person.ask('resources/read', { uri: 'db://both' })));
    const texts = read.map(({ reply }) => JSON.stringify((reply['result'] as Json)['contents']));
    expect(new Set(texts).size).toBe(2);
    expect(heardOf(upstream, /^resources\/read$/)).toBe(before + 2);
  });

  it.each(WAYS.filter((way) => !way.startsWith('modern')))(
    'have tasks that the other does not find, over %s',
    async (way) => {
      const [acme, zeta] = (await both(way)) as [Person, Person];
      const begun = await acme.ask('tools/call', { name: 'both', arguments: {}, task: { ttl: 60_000 } });
      const { taskId } = (begun.reply['result'] as { task: { taskId: string } }).task;
      const none = `${taskId.slice(0, -4)}${taskId.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`;
      const asksOf = (): number => heardOf(upstream, /^tasks\/(?:get|result|cancel)$/);
      const before = asksOf();
      for (const method of ['tasks/get', 'tasks/result', 'tasks/cancel']) {
        const [stolen, missing] = [await zeta.ask(method, { taskId }), await zeta.ask(method, { taskId: none })];
        expect(stolen).toMatchObject({ reply: { error: { code: -32_602 } } });
        expect(textOf(stolen, taskId)).toBe(textOf(missing, none));
      }
      expect(await namesOf(zeta, 'tasks/list', 'tasks', 'taskId')).not.toContain(taskId);
      expect(asksOf()).toBe(before);
      expect(await namesOf(acme, 'tasks/list', 'tasks', 'taskId')).toContain(taskId);
      expect((await acme.ask('tasks/get', { taskId })).reply).toMatchObject({ result: { taskId, status: 'working' } });
      expect((await acme.ask('tasks/cancel', { taskId })).reply).toMatchObject({ result: { status: 'cancelled' } });
    },
  );

  describe('with a server that each of them has for itself', () => {
    beforeAll(async () => {
      const everybody = `[[security.policy.rules]]\nname = "own"\ngroups = ["own"]\n`;
      const group = `[upstream.groups.own]\nisolation = "principal"\n[[upstream.groups.own.servers]]\n${own.toml}\n`;
      gateway.rewrite(`${settings()}${everybody}${group}`);
      await until(() => isUp(own), 'it to be up');
    });

    it.each(WAYS)('are shown what it shows to them, over %s', async (way) => {
      const people = await both(way);
      const shown: string[][] = [];
      for (const who of [0, 1, 0, 1]) {
        const names = await namesOf(people[who]!, 'tools/list', 'tools');
        shown.push(names.filter((name) => name.startsWith('own__')));
      }
      expect(shown.map(({ length }) => length)).toEqual([1, 1, 1, 1]);
      expect(shown[2]).toEqual(shown[0]);
      expect(shown[3]).toEqual(shown[1]);
      expect(shown[0]).not.toEqual(shown[1]);
    });
  });
});

function textOf({ status, reply }: Answered, taskId: string): string {
  return JSON.stringify({ status, ...reply, id: 0 }).replaceAll(taskId, '<>');
}

function paramsOf(method: string, name: string): Json {
  if (method.startsWith('resources/')) return { uri: `db://${name}` };
  if (method === 'tools/call') return { name: `${name}_tool`, arguments: {} };
  if (method === 'prompts/get') return { name: `${name}_prompt` };
  return { ref: { type: 'ref/prompt', name: `${name}_prompt` }, argument: { name: 'x', value: '' } };
}
