import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type Baseline, compare, type Comparison, type Ratios } from './check/baseline.ts';
import { RatioMeasurement } from './check/measure-ratios.ts';
import { CHECKED } from './check/scenarios.ts';
import type { EchoServer } from './gateways/gateway.ts';
import { mcpGateway } from './gateways/mcp-gateway.ts';
import { Program } from './program.ts';
import { alike } from './scenarios/scenario.ts';

// The short benchmark of CI: has the data path become grossly slower? It needs nothing but Node.
//
// Absolute numbers say nothing on a machine that one does not know, so what is compared is the gateway with no gateway, by
// the median of half-second slices that are run in turn: a slow neighbour slows both. Two ratios are looked at: throughput,
// which counts only while nobody else is at work, and processor time for a reply, which hardly depends on who else is. A ratio has to be 30 % worse to
// fail, and where the verdict is in doubt (15 % to 60 %) there are more slices before it is spoken.

const SLICES = 4;
const MORE_SLICES = 4;
const WORST = 0.3;
const DOUBT = { from: 0.15, to: 0.6 };

const BASELINE = fileURLToPath(new URL('baseline.json', import.meta.url));
const BIN = fileURLToPath(new URL('../bin/mcp-gateway', import.meta.url));
const ECHO_SERVER = fileURLToPath(new URL('echo-server.ts', import.meta.url));

const isWriting = process.argv.includes('--write');
const baseline = isWriting ? undefined : (JSON.parse(readFileSync(BASELINE, 'utf8')) as Baseline);

const measured: Record<string, Ratios> = {};
for (const scenario of CHECKED) measured[scenario.name] = await check(scenario);
if (isWriting) {
  const scenarios = Object.fromEntries(
    Object.entries(measured).map(([name, { throughput, cost }]) => [name, { throughput, cost }]),
  );
  const written: Baseline = { processors: availableParallelism(), scenarios };
  writeFileSync(BASELINE, `${JSON.stringify(written, undefined, 2)}\n`);
}

async function check({ name, transport, connections, depth }: (typeof CHECKED)[number]): Promise<Ratios> {
  await using stack = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), 'bench-check-'));
  stack.defer(() => rmSync(directory, { recursive: true, force: true }));
  const program = stack.use(new Program([process.execPath, ECHO_SERVER]));
  const { port } = await program.nextReport<{ port: number }>();
  const echo: EchoServer = { port, url: (over) => `${over}://127.0.0.1:${port}/mcp` };

  const leg = { transport, era: 'legacy' } as const;
  const load = { connections, depth, shape: 'echo', size: 100 } as const;
  const scenario = alike(leg, { name, title: name, load, against: [], goals: [] });
  const place = { directory, whole: echo, upstreams: [echo] };
  const gateway = stack.use(await mcpGateway({ bin: BIN, isGuarded: true }).start(scenario, place));

  const direct = { url: echo.url(transport), serverPid: program.pid };
  const measurement = new RatioMeasurement({
    connections,
    depth,
    direct,
    gateway: { url: gateway.url, pid: gateway.pid ?? 0 },
  });
  await measurement.add(SLICES);
  const was = baseline?.scenarios[name];
  const compared = () => (baseline && was ? compare(was, measurement.measured, baseline) : []);
  if (isWriting || compared().some(({ worseBy }) => worseBy > DOUBT.from && worseBy < DOUBT.to))
    await measurement.add(MORE_SLICES);

  report(name, compared(), measurement.faults);
  return measurement.measured;
}

function report(name: string, comparisons: readonly Comparison[], faults: readonly string[]): void {
  for (const { what, was, is, worseBy } of comparisons) {
    const change = `${Math.abs(worseBy * 100).toFixed(0)} % ${worseBy > 0 ? 'worse' : 'better'}`;
    console.log(`${name}, ${what} against direct: ${is.toFixed(3)}, was ${was.toFixed(3)}: ${change}`);
    if (worseBy > WORST) process.exitCode = 1;
  }
  if (faults.length === 0) return;
  console.error(`${name}: wrong replies, among them:\n${faults.slice(0, 5).join('\n')}`);
  process.exitCode = 1;
}
