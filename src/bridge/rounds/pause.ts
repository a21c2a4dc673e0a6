import type { CancelSignal } from '../../core/cancellation.js';
import type { Clock } from '../../core/clock.js';
import { CancelledError } from '../../core/errors.js';

/** So many milliseconds. @throws `exchange_cancelled` as soon as nobody waits for what comes after them */
export function pause(ms: number, clock: Clock, signal: CancelSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new CancelledError());
    const listener = {
      handleEvent: () => {
        timer.cancel();
        signal.removeEventListener('abort', listener);
        reject(new CancelledError());
      },
    };
    const timer = clock.after(ms, () => {
      signal.removeEventListener('abort', listener);
      resolve();
    });
    signal.addEventListener('abort', listener);
  });
}
