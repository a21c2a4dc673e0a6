import { WebSocketClientTransport } from '@modelcontextprotocol/sdk/client/websocket.js';
import { ElicitRequestSchema, type ElicitResult } from '@modelcontextprotocol/sdk/types.js';

import { host } from '../fixtures/full-server/hosts.ts';
import { FullClient } from '../support/full-client.ts';
import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';

const REQUEST_MS = 1_000;
const ANSWER: ElicitResult = { action: 'accept', content: { name: 'Ada' } };

let gateway: RunningGateway;

beforeEach(async () => {
  const { toml } = await host('stdio');
  const group = `[[upstream.groups.full.servers]]\n${toml}\n`;
  const times = `[middleware.timeout]\nrequest = "${REQUEST_MS}ms"\nupstream = "${REQUEST_MS}ms"\n`;
  gateway = await (await startGateway(EPHEMERAL + times + group)).ready();
});

afterEach(() => gateway?.stop());

it('somebody may think about a question for longer than any of several requests may take that it may be for', async () => {
  await using client = new FullClient('desk');
  const { promise: answer, resolve: decide } = Promise.withResolvers<ElicitResult>();
  let asked = 0;
  client.sdk.setRequestHandler(ElicitRequestSchema, () => {
    asked++;
    return answer;
  });
  await client.connect(new WebSocketClientTransport(new URL('/mcp/full', gateway.wsUrl)));
  // Starting the process takes as long as it takes.
  await until(() => client.call('echo', { text: 'up' }).catch(() => false), 'a session of its own');

  const ended: string[] = [];
  const call = (name: string): Promise<string> => client.call(name).finally(() => ended.push(name));
  const [following, asking] = [call('follow'), call('ask')];
  await until(() => asked === 1, 'the question');
  const meanwhile = call('follow');
  const since = performance.now();
  await until(() => ended.length > 0 || performance.now() - since > 2 * REQUEST_MS, 'their time to be over');
  expect(ended).toEqual([]);

  decide(ANSWER);
  expect(await Promise.all([following, meanwhile])).toEqual(['followed', 'followed']);
  expect(JSON.parse(await asking)).toMatchObject(ANSWER);
});
