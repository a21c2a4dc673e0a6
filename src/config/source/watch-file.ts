import { type FSWatcher, unwatchFile, watch, watchFile as poll } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** How long a file must be left alone before it is looked at: writers write in several steps. */
const QUIET_MS = 200;
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
  let watcher: FSWatcher | undefined;

  const touched = (): void => {
    clearTimeout(quiet);
    quiet = setTimeout(() => void onTouched(), QUIET_MS).unref();
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
