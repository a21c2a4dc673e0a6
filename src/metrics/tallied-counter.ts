import type { Provider } from '@nestjs/common';
import { makeCounterProvider } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';

import { Tally } from './tally.js';

export interface TalliedCounterOptions {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly [string, string, string];
}

const TALLIES = new WeakMap<Counter, Tally>();

/**
 * What is counted for a counter of `makeTalliedCounterProvider`. prom-client builds a string for every
 * `inc`, even of a child; a tally costs a tenth of that and is written into the counter when it is scraped.
 */
export function tallyOf(counter: Counter): Tally {
  const tally = TALLIES.get(counter) ?? new Tally();
  TALLIES.set(counter, tally);
  return tally;
}

/** A counter whose values come from its tally. */
export function makeTalliedCounterProvider({ name, help, labelNames }: TalliedCounterOptions): Provider {
  const [first, second, third] = labelNames;
  return makeCounterProvider({
    name,
    help,
    labelNames: [...labelNames],
    collect() {
      this.reset();
      for (const [labels, count] of tallyOf(this).entries()) {
        this.inc({ [first]: labels[0], [second]: labels[1], [third]: labels[2] }, count);
      }
    },
  });
}
