import { setTimeout as pause } from 'node:timers/promises';

import { brisk } from './brisk.ts';

/** Asks again and again until the answer is truthy. What is awaited is a condition, never a span of time. */
export async function until<T>(
  ask: () => T | Promise<T>,
  what: string,
  withinMs = 10_000,
): Promise<Exclude<T, false | undefined | null>> {
  const deadline = performance.now() + brisk(withinMs);
  for (;;) {
    const answer = await ask();
    if (answer) return answer as Exclude<T, false | undefined | null>;
    if (performance.now() > deadline) throw new Error(`gave up after ${withinMs} ms waiting for ${what}`);
    await pause(10);
  }
}
