import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import type { ConfigSnapshot } from '../config/index.js';
import { BrokenLock, readLock, writeLock, type Approvals } from './lock-file.js';
import { PinningSection } from './pinning.section.js';

/** Of a file that is read. Thousands of tools take less. */
const MOST_BYTES = 64 * 1_024 * 1_024;

/** Where the approvals of a configuration are. */
export function approvalFileOf(config: ConfigSnapshot): string {
  return resolve(dirname(config.provenance.locate('').file), config.get(PinningSection).file);
}

/** What a file approves; undefined where there is none. @throws BrokenLock */
export function readApprovals(file: string): { readonly text: string; readonly approvals: Approvals } | undefined {
  let text: string;
  try {
    text = contentsOf(file);
  } catch (thrown) {
    if (thrown instanceof BrokenLock) throw thrown;
    const code = (thrown as NodeJS.ErrnoException).code ?? 'unknown';
    if (code === 'ENOENT') return undefined;
    throw new BrokenLock(`it cannot be read (${code})`);
  }
  return { text, approvals: readLock(text) };
}

/** A pipe would keep us waiting for ever, and a device give without end. */
function contentsOf(file: string): string {
  const handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = fstatSync(handle);
    if (!status.isFile()) throw new BrokenLock('it is not a regular file');
    if (status.size > MOST_BYTES) throw new BrokenLock('it is too large');
    return readFileSync(handle, 'utf8');
  } finally {
    closeSync(handle);
  }
}

/** Whoever reads the file meanwhile finds either what was there or all of this. */
export async function writeApprovals(file: string, approvals: Approvals): Promise<void> {
  const draft = `${file}.${process.pid}.tmp`;
  await mkdir(dirname(file), { recursive: true });
  try {
    const handle = await open(draft, 'w', 0o644);
    try {
      await handle.writeFile(writeLock(approvals));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (thrown) {
    await rm(draft, { force: true });
    throw thrown;
  }
}
