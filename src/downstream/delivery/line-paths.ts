import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { WorkerBus } from '../../core/worker-bus.js';

const OWNER_ONLY = 0o700;
const OTHERS = 0o077;
const NAME_BYTES = 8;

/** Where the workers of one start reach each other: sockets in a folder that nobody else may look into, by a name that nobody else knows. */
export class LinePaths {
  private readonly folder: string;

  constructor({ secret }: Pick<WorkerBus, 'secret'>) {
    const digest = createHash('sha256').update('lines').update(secret).digest();
    this.folder = join(tmpdir(), `mcp-gateway-${digest.toString('hex', 0, NAME_BYTES)}`);
  }

  of(worker: string): string {
    return join(this.folder, worker);
  }

  /** Makes the folder, unless another worker has. @throws where somebody else did */
  prepare(): void {
    mkdirSync(this.folder, { recursive: true, mode: OWNER_ONLY });
    const found = lstatSync(this.folder);
    const isOurs = found.isDirectory() && found.uid === process.getuid?.() && (found.mode & OTHERS) === 0;
    if (!isOurs) throw new Error(`${this.folder} is not ours alone`);
  }

  /** Takes away what a worker has left; the folder too, with the last. */
  remove(worker: string): void {
    rmSync(this.of(worker), { force: true });
    try {
      rmdirSync(this.folder);
    } catch {
      // The others are still there.
    }
  }
}
