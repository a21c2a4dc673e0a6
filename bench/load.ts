import { setTimeout as delay } from 'node:timers/promises';

import { Caller } from './load/caller.ts';
import { httpDialer } from './load/http-line.ts';
import { Tally } from './load/tally.ts';
import { webSocketDialer } from './load/ws-line.ts';
import type { LoadPlan, LoadReport } from './plan.ts';

// The load generator: takes a plan as its argument, and prints a report.

const WARM_UP_MS = 1_000;
const DRAIN_WITHIN_MS = 5_000;

const plan = JSON.parse(process.argv[2] ?? '') as LoadPlan;
const url = new URL(plan.url);
const pass = plan.key === undefined ? {} : { 'x-api-key': plan.key };
const dialer = url.protocol === 'ws:' ? webSocketDialer(plan.url, pass) : httpDialer(url, plan.connections, pass);
const tally = new Tally();

const callers = Array.from({ length: plan.connections }, (_, at) => new Caller(`c${at}`, plan.payloadBytes, tally));
const lines = await Promise.all(callers.map(async (caller) => ({ caller, line: await dialer.open(caller) })));

for (const { caller, line } of lines) caller.start(line, plan.depth);
await delay(WARM_UP_MS);

tally.counting = true;
const began = performance.now();
await delay(plan.seconds * 1000);
tally.counting = false;
const elapsedMs = performance.now() - began;

tally.calling = false;
const deadline = performance.now() + DRAIN_WITHIN_MS;
while (callers.some(({ unanswered }) => unanswered > 0) && performance.now() < deadline) await delay(10);

for (const caller of callers) caller.finish();
await dialer.close();

const report: LoadReport = {
  perSecond: tally.latencies.count / (elapsedMs / 1000),
  p50Us: tally.latencies.percentile(0.5),
  p99Us: tally.latencies.percentile(0.99),
  answered: tally.answered,
  faulty: tally.faulty,
  faults: tally.faults,
};
console.log(JSON.stringify(report));
