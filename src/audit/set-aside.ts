import { access, readdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const DIGITS = 15;

/**
 * Gives a file that is full, or not to be gone on with, the number of its last line as a suffix: names in the order of
 * the chain. Returns its new name.
 */
export async function setAside(file: string, lastSeq: number): Promise<string> {
  const numbered = `${file}.${String(lastSeq).padStart(DIGITS, '0')}`;
  let name = numbered;
  // A rename would put it in the place of another.
  for (let more = 1; await exists(name); more++) name = `${numbered}-${more}`;
  await rename(file, name);
  return name;
}

/** The file that was set aside last, by its name; undefined where there is none. */
export async function lastSetAside(file: string): Promise<string | undefined> {
  const prefix = `${basename(file)}.`;
  const names = await readdir(dirname(file));
  const numbered = names.filter((name) => name.startsWith(prefix) && /^\d+(-\d+)?$/.test(name.slice(prefix.length)));
  const last = numbered.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
  return last === undefined ? undefined : join(dirname(file), last);
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
