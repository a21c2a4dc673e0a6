import { connect } from '../support/clients.ts';
import { EPHEMERAL, type RunningGateway, startGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';

const BASIC = `
[[upstream.groups.default.servers]]
command = "node"
args = ["examples/basic/src/server.ts"]
`;
const CALLS = 50;
/** Two promises that nobody catches: the first has what is in flight finish, the second ends the process at once. */
const CRASH = 'process.on("SIGUSR2",()=>void[1,2].map((n)=>Promise.reject(new Error("fault "+n))))';

const callsOf = (gateway: RunningGateway) =>
  gateway.lines.filter(({ msg, method }) => msg === 'exchange' && method === 'tools/call');

/** Calls until the last reply is there: its line is as young as can be. */
async function call(gateway: RunningGateway): Promise<void> {
  const client = await connect(gateway, 'websocket');
  const calls = Array.from({ length: CALLS }, (_, n) =>
    client.callTool({ name: 'echo', arguments: { text: String(n) } }),
  );
  await Promise.all(calls);
}

describe('the access log', () => {
  it('has a line for every call when the process is told to end', async () => {
    const gateway = await (await startGateway(EPHEMERAL + BASIC)).ready();
    await call(gateway);
    expect(await gateway.stop()).toBe(0);

    await until(() => callsOf(gateway).length === CALLS, 'the lines of all calls');
    expect(new Set(callsOf(gateway).map((line) => line['request_id'])).size).toBe(CALLS);
  });

  it('has a line for every call when the process breaks, before that of what broke it', async () => {
    const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(CRASH)}` };
    const gateway = await (await startGateway(EPHEMERAL + BASIC, { env })).ready();
    await call(gateway);
    gateway.process.kill('SIGUSR2');

    await until(() => gateway.process.exitCode !== null, 'the end of the process');
    await until(() => gateway.line('unhandledRejection') !== undefined, 'the line of the fault');
    expect(gateway.process.exitCode).toBe(1);
    expect(callsOf(gateway)).toHaveLength(CALLS);
    const fault = gateway.lines.findIndex(({ msg }) => msg === 'unhandledRejection');
    expect(gateway.lines.findLastIndex(({ msg }) => msg === 'exchange')).toBeLessThan(fault);
    await gateway.stop();
  });

  it('does not keep its lines until there are many', async () => {
    const gateway = await (await startGateway(EPHEMERAL + BASIC)).ready();
    await call(gateway);

    await until(() => callsOf(gateway).length === CALLS, 'the lines of all calls');
    await gateway.stop();
  });
});
