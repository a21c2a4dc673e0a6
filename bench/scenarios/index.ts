import { LEGS } from './legs.ts';
import { RATES } from './rates.ts';
import type { Scenario } from './scenario.ts';
import { SINGLE } from './single.ts';
import { THROUGHPUT } from './throughput.ts';

/** Every load, in the order in which they run. */
export const SCENARIOS: readonly Scenario[] = [...THROUGHPUT, ...RATES, ...SINGLE, ...LEGS];
