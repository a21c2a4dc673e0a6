import { SCENARIOS } from '../scenarios/index.ts';
import type { Experiment } from './experiment.ts';
import { IDLE } from './idle.ts';
import { loadExperiment } from './load-experiment.ts';
import { QUOTA } from './quota.ts';
import { START } from './start.ts';

/** Everything that is found out, in the order in which it is. */
export const EXPERIMENTS: readonly Experiment[] = [...SCENARIOS.map(loadExperiment), IDLE, ...QUOTA, START];
