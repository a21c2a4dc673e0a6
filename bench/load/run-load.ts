import { setTimeout as delay } from 'node:timers/promises';

import type { LoadPlan, LoadReport } from '../plan.ts';
import { Caller } from './caller.ts';
import { httpDialer } from './http-line.ts';
import { Tally } from './tally.ts';
import { webSocketDialer } from './ws-line.ts';

const DRAIN_WITHIN_MS = 5_000;

/** One run of the generator that needs nothing but Node: clients in a closed loop. */
export async function runLoad(plan: LoadPlan): Promise<LoadReport> {
  const url = new URL(plan.url);
  const pass = plan.key === undefined ? {} : { 'x-api-key': plan.key };
  const dialer = url.protocol === 'ws:' ? webSocketDialer(plan.url, pass) : httpDialer(url, plan.connections, pass);
  const tally = new Tally();

  const callers = Array.from({ length: plan.connections }, (_, at) => new Caller(`c${at}`, plan.payloadBytes, tally));
  const lines = await Promise.all(callers.map(async (caller) => ({ caller, line: await dialer.open(caller) })));

  for (const { caller, line } of lines) caller.start(line, plan.depth);
  await delay(plan.warmUpSeconds * 1_000);

  tally.counting = true;
  const began = performance.now();
  await delay(plan.seconds * 1_000);
  tally.counting = false;
  const elapsedMs = performance.now() - began;

  tally.calling = false;
  const deadline = performance.now() + DRAIN_WITHIN_MS;
  while (callers.some(({ unanswered }) => unanswered > 0) && performance.now() < deadline) await delay(1);

  for (const caller of callers) caller.finish();
  await dialer.close();

  return {
    perSecond: tally.latencies.count / (elapsedMs / 1_000),
    p50Us: tally.latencies.percentile(0.5),
    p99Us: tally.latencies.percentile(0.99),
    answered: tally.answered,
    faulty: tally.faulty,
    faults: tally.faults,
  };
}
