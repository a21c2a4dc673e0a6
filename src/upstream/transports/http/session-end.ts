import type { Pool } from 'undici';

import type { Clock } from '../../../core/clock.js';

const PATIENCE_MS = 1_000;

/** Tells a server that its session is over. It may not care; whatever it answers is fine, and soon enough nobody waits. */
export function endSession(
  pool: Pool,
  path: string,
  headers: Readonly<Record<string, string>>,
  clock: Clock,
): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(PATIENCE_MS, resolve);
    const done = (): void => {
      timer.cancel();
      resolve();
    };
    const ignore = (): void => undefined;
    pool.dispatch(
      { method: 'DELETE', path, headers },
      {
        onRequestStart: ignore,
        onResponseStart: done,
        onResponseData: ignore,
        onResponseEnd: done,
        onResponseError: done,
      },
    );
  });
}
