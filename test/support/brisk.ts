import { availableParallelism, loadavg } from 'node:os';

/**
 * A bound of so many milliseconds on a quiet machine. Where more wants to run than there are processors everything
 * takes longer, so the bound grows with the load.
 */
export function brisk(ms: number): number {
  return ms * (1 + (loadavg()[0] ?? 0) / availableParallelism());
}
