import { runLoad } from './load/run-load.ts';
import type { LoadPlan } from './plan.ts';

// The load generator that needs no compiler: takes a plan as its argument, and prints a report.

const plan = JSON.parse(process.argv[2] ?? '') as LoadPlan;
console.log(JSON.stringify(await runLoad({ ...plan, warmUpSeconds: plan.warmUpSeconds ?? 1 })));
