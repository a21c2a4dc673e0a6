import { host, type Host } from '../fixtures/full-server/hosts.ts';
import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { askModern } from '../support/modern-raw-clients.ts';
import { modern } from '../support/modern.ts';
import { endpointAt, type Json } from '../support/raw-clients.ts';
import { until } from '../support/until.ts';

const CAPABLE = { capabilities: { elicitation: { form: {} } } };
const REQUEST_MS = 1_000;

describe('a reload while a call is parked', () => {
  const hosts: Host[] = [];
  let gateway: RunningGateway;

  afterEach(async () => {
    await gateway?.stop();
    for (const each of hosts.splice(0)) await each[Symbol.asyncDispose]();
  });

  const settings = (id: string, { toml }: Host): string => `${EPHEMERAL}
[middleware.timeout]
request = "${REQUEST_MS}ms"
[[upstream.groups.crm.servers]]
id = "${id}"
${toml}
`;
  const generation = async () => (await gateway.json<{ generation: number }>('/api/v1/status')).generation;

  const call = async (id: number, more: Json = {}) => {
    const params = { name: 'crm__ask', arguments: {}, ...more };
    const { reply } = await askModern(endpointAt(gateway.url), modern('tools/call', id, params, CAPABLE));
    return reply['result'] as Json;
  };

  it('leaves it its server for longer than a request may take, and the retry gets its result', async () => {
    const [before, after] = [await host('streamable_http'), await host('streamable_http')];
    hosts.push(before, after);
    gateway = await (await startGateway(settings('before', before))).ready();
    const { resultType, inputRequests, requestState } = await call(1);
    expect(resultType).toBe('input_required');

    gateway.rewrite(settings('after', after));
    await until(async () => (await generation()) === 2, 'the second generation');
    await gateway.ready();
    const reloaded = performance.now();
    await until(() => performance.now() > reloaded + 2 * REQUEST_MS, 'the time of any request to be over');
    expect(gateway.line('server retired')).toBeUndefined();
    expect(await call(2)).toMatchObject({ resultType: 'input_required' });

    const answer = { action: 'accept', content: { name: 'ada' } };
    const inputResponses = { [Object.keys(inputRequests as Json)[0]!]: answer };
    const done = await call(3, { requestState, inputResponses });
    expect(done).toMatchObject({ resultType: 'complete', content: [{ text: JSON.stringify(answer) }] });
    await until(() => gateway.line('server retired')?.['upstream_server'] === 'crm/before', 'the server to be let go');
  });
});
