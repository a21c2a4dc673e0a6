import type { Clock } from '../../../core/clock.js';
import type { HttpConnections } from './http-connections.js';

const PATIENCE_MS = 1_000;

/** Tells a server that its session is over. It may not care; whatever it answers is fine, and soon enough nobody waits. */
export function endSession(
  connections: HttpConnections,
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
    connections.dispatch(
      { method: 'DELETE', headers },
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
