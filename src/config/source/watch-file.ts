import { type FSWatcher, unwatchFile, watch, watchFile as poll } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** How long a file must be left alone before it is looked at: writers write in several steps. */
const QUIET_MS = 200;
/** How long it is left alone at most: somebody may write into its directory all the time. */
const LONGEST_QUIET_MS = 2_000;
/** How often the file is looked at in case the directory said nothing, as on some network file systems. */
const POLL_MS = 5_000;

/**
 * Calls back some time after anything happens to a file. The directory is what is watched: a watch on the
 * file itself loses it with the first replacement.
 *
 * @returns how to stop
 */
export function watchFile(file: string, onTouched: () => Promise<void>): () => void {
  const path = resolve(file);
  let quiet: NodeJS.Timeout | undefined;
  let touchedSince: number | undefined;
  let watcher: FSWatcher | undefined;

  const look = (): void => {
    touchedSince = undefined;
    void onTouched();
  };
  const touched = (): void => {
    clearTimeout(quiet);
    const now = performance.now();
    touchedSince ??= now;
    const wait = Math.min(QUIET_MS, touchedSince + LONGEST_QUIET_MS - now);
    quiet = setTimeout(look, wait).unref();
  };
  const arm = (): void => {
    watcher?.close();
    watcher = watchDirectory(dirname(path), touched);
  };
  const polled = (): void => {
    // The directory may have been replaced as well, and with it what is watched.
    arm();
    touched();
  };

  arm();
  poll(path, { interval: POLL_MS, persistent: false }, polled);
  return () => {
    clearTimeout(quiet);
    unwatchFile(path, polled);
    watcher?.close();
  };
}

function watchDirectory(directory: string, onEvent: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(directory, { persistent: false }, onEvent);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    // Polling goes on, and arms again when the file comes back.
    return undefined;
  }
}
