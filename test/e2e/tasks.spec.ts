import { fileURLToPath } from 'node:url';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { WebSocketClientTransport } from '@modelcontextprotocol/sdk/client/websocket.js';
import { CallToolResultSchema, CreateTaskResultSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';

import { startTaskServer } from '../fixtures/task-server/http.ts';
import { CLIENT_TRANSPORTS, textOf, type ClientTransport } from '../support/clients.ts';
import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';

const RELATED = 'io.modelcontextprotocol/related-task';
const STDIO = fileURLToPath(new URL('../fixtures/task-server/stdio.ts', import.meta.url));

describe.each(CLIENT_TRANSPORTS)('a client over %s', (transport: ClientTransport) => {
  let upstream: Awaited<ReturnType<typeof startTaskServer>>;
  let gateway: RunningGateway;
  const clients: Client[] = [];

  beforeAll(async () => {
    upstream = await startTaskServer();
    const stdio = `[[upstream.groups.child.servers]]\ncommand = "node"\nargs = ["${STDIO}"]\n`;
    gateway = await startGateway(`${EPHEMERAL}\n${stdio}\n[[upstream.groups.web.servers]]\nurl = "${upstream.url}"\n`);
    await gateway.ready();
  });

  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await gateway?.stop();
    await upstream?.stop();
  });

  async function connected(path = '/mcp', capabilities = {}): Promise<Client> {
    const client = new Client({ name: 'test', version: '1' }, { capabilities });
    const opened =
      transport === 'websocket'
        ? new WebSocketClientTransport(new URL(path, gateway.wsUrl))
        : new StreamableHTTPClientTransport(new URL(path, gateway.url));
    await client.connect(opened);
    clients.push(client);
    return client;
  }

  function begin(client: Client, name: string, text = 'it') {
    const params = { name, arguments: { text }, task: { ttl: 60_000 } };
    return client.request({ method: 'tools/call', params }, CreateTaskResultSchema).then(({ task }) => task);
  }

  it.each(['child', 'web'])('is told that there are tasks, and follows one of %s to its result', async (group) => {
    const client = await connected();
    expect(client.getServerCapabilities()?.tasks).toEqual({
      list: {},
      cancel: {},
      requests: { tools: { call: {} } },
    });

    const { taskId } = await begin(client, `${group}__work`);
    expect(taskId).not.toMatch(/^[0-9a-f]{32}$/);
    expect(await client.experimental.tasks.getTask(taskId)).toMatchObject({ taskId });

    const result = await client.experimental.tasks.getTaskResult(taskId, CallToolResultSchema);
    expect(textOf(result)).toBe('worked on it');
    expect(result).toMatchObject({ _meta: { [RELATED]: { taskId } } });
    expect(await client.experimental.tasks.getTask(taskId)).toMatchObject({ taskId, status: 'completed' });
  });

  it.each(['child', 'web'])('is asked what a task of %s needs, under the id that it knows', async (group) => {
    const client = await connected('/mcp', { elicitation: { form: {} } });
    const asked: unknown[] = [];
    client.setRequestHandler(ElicitRequestSchema, ({ params: { _meta: meta, message } }) => {
      asked.push(meta?.[RELATED], message);
      return { action: 'accept', content: { name: 'Ada' } };
    });
    await client.listTools();

    const told: string[] = [];
    const stream = client.experimental.tasks.callToolStream({ name: `${group}__ask`, arguments: { text: 'Name?' } });
    let taskId: string | undefined;
    let text: string | undefined;
    for await (const message of stream) {
      told.push(message.type);
      if (message.type === 'taskCreated') ({ taskId } = message.task);
      if (message.type === 'result') text = textOf(message.result);
    }

    expect(told).toContain('taskCreated');
    expect(asked).toEqual([{ taskId }, 'Name?']);
    expect(text).toBe('accept {"name":"Ada"}');
  });

  it('lists its tasks wherever they run, and cancels one', async () => {
    const client = await connected();
    const one = await begin(client, 'child__hang');
    const two = await begin(client, 'web__hang');

    const { tasks } = await client.experimental.tasks.listTasks();
    const listed = tasks.map(({ taskId }) => taskId);
    expect(listed).toEqual(expect.arrayContaining([one.taskId, two.taskId]));

    expect(await client.experimental.tasks.cancelTask(two.taskId)).toMatchObject({
      taskId: two.taskId,
      status: 'cancelled',
    });
    await expect(client.experimental.tasks.cancelTask(two.taskId)).rejects.toMatchObject({ code: -32602 });
    expect(await client.experimental.tasks.getTask(one.taskId)).toMatchObject({ status: 'working' });
  });

  it('gets no task under an id that was not given to it', async () => {
    const client = await connected();
    const { taskId } = await begin(client, 'child__hang');
    const altered = taskId.slice(0, -2) + (taskId.endsWith('AA') ? 'BB' : 'AA');

    for (const wrong of [altered, 'nope', '0123456789abcdef0123456789abcdef', `${taskId}A`]) {
      await expect(client.experimental.tasks.getTask(wrong)).rejects.toMatchObject({ code: -32602 });
    }
    // A route on which the group of the task does not stand does not know it.
    const elsewhere = await connected('/mcp/web');
    await expect(elsewhere.experimental.tasks.getTask(taskId)).rejects.toMatchObject({ code: -32602 });
  });

  it('uses a tool without a task as ever, on the route of one group too', async () => {
    const client = await connected('/mcp/child');
    const result = await client.callTool({ name: 'work', arguments: { text: 'this' } });
    expect(textOf(result)).toBe('worked on this');

    const { taskId } = await begin(client, 'work');
    const done = await client.experimental.tasks.getTaskResult(taskId, CallToolResultSchema);
    expect(textOf(done)).toBe('worked on it');
  });
});
