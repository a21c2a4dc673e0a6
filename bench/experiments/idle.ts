import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { mcpGateway } from '../gateways/mcp-gateway.ts';
import { faultsOf, type LoadReport, startGenerator } from '../generator.ts';
import { usageOf } from '../process-tree.ts';
import { alike, WS } from '../scenarios/scenario.ts';
import type { Experiment, Findings, Setting } from './experiment.ts';
import { judge } from './judge.ts';
import { ECHO, openPlace } from './rounds.ts';

const CONNECTIONS = 10_000;
const PER_SECOND = 5_000;

/** How long a process may settle before its memory is read. */
const SETTLE_MS = 3_000;

/** Every connection is idle at first, and then one in turn. */
const SCENARIO = alike(WS, {
  name: 'idle',
  title: `Memory at rest, with ${CONNECTIONS.toLocaleString('en')} idle WebSockets, and with ${PER_SECOND.toLocaleString('en')} requests a second over them`,
  load: { connections: CONNECTIONS, depth: 4, shape: 'echo', size: 100, rate: PER_SECOND },
  against: [],
  goals: [],
});

/** What the gateway keeps for those who are connected and say nothing. */
export const IDLE: Experiment = { name: SCENARIO.name, title: SCENARIO.title, run };

async function run(setting: Setting): Promise<Findings> {
  await using stack = new AsyncDisposableStack();
  const place = await openPlace(SCENARIO, stack);
  const directory = join(place.directory, 'gateway');
  mkdirSync(directory);
  const { url, pid = 0, headers, ...gateway } = await mcpGateway(setting).start(SCENARIO, { ...place, directory });
  stack.use(gateway);

  await delay(SETTLE_MS);
  const atRest = usageOf(pid, ECHO);
  const duration = { seconds: setting.extent.seconds, warmUp: setting.extent.warmUp };
  const generator = stack.use(startGenerator({ url, leg: WS, headers }, SCENARIO.load, duration, true));
  const { open, seconds } = await generator.nextReport<{ open: number; seconds: number }>();
  await delay(SETTLE_MS);
  const held = usageOf(pid, ECHO);
  generator.tell('go');
  const report = await generator.nextReport<LoadReport>();
  const busy = usageOf(pid, ECHO);

  const mib = (kib: number) => kib / 1_024;
  const row = (what: string, { rssKib, rssAnonKib }: typeof held) => [
    what,
    mib(rssKib).toFixed(1),
    mib(rssAnonKib).toFixed(1),
  ];
  return {
    headings: ['mcp-gateway', 'RSS MiB', 'private MiB'],
    rows: [
      row('at rest, with one server', atRest),
      row(`${open.toLocaleString('en')} WebSockets open (in ${seconds.toFixed(1)} s)`, held),
      row(
        `${report.perSecond.toFixed(0)} requests a second over them (p50 ${report.p50Us} µs, p99 ${report.p99Us} µs)`,
        busy,
      ),
    ],
    verdicts: [
      judge({ what: 'private memory at rest', unit: 'MiB', isFloor: false, must: 60, goal: 50 }, [
        mib(atRest.rssAnonKib),
      ]),
      judge({ what: 'RSS at rest', unit: 'MiB', isFloor: false, must: 115, goal: 95 }, [mib(atRest.rssKib)]),
      judge({ what: 'RSS of an idle WebSocket', unit: 'KiB', isFloor: false, must: 10, goal: 6 }, [
        (held.rssKib - atRest.rssKib) / open,
      ]),
      judge({ what: 'open at once', unit: '', isFloor: true, must: CONNECTIONS }, [open]),
      judge(
        {
          what: `faults at ${PER_SECOND.toLocaleString('en')} requests a second over them`,
          unit: '',
          isFloor: false,
          must: 0,
        },
        [faultsOf(report) + report.unsent],
      ),
    ],
    skipped: [],
    faulty: faultsOf(report),
    faults: report.faults,
  };
}
