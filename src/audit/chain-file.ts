import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename } from 'node:path';

import { type ChainEnd, readChainEnd } from './chain-end.js';
import { type Link, ORIGIN, sealLine } from './chain.js';
import { lastSetAside, setAside } from './set-aside.js';

const MODE = 0o600;
const FLAGS = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT;
/** Lines are handed to the system in pieces of about so many bytes. */
const BATCH_BYTES = 256 * 1_024;
/** A file that holds no more has only been begun. */
const HEAD_BYTES = 512;

/** Where a chain is written, and how. */
export interface ChainFileOptions {
  readonly file: string;
  readonly key: string | undefined;
  readonly maxBytes: number;
  /** What time it is, as records say it. */
  readonly time: () => string;
}

interface Pending {
  readonly bytes: Buffer;
  written: number;
}

/**
 * A chain of lines in a file that is only ever appended to. It goes on where the file ends, and in a new file when
 * one is full, was moved away, or ends in a way that this chain does not.
 *
 * Not to be used by two at once: one call after the other.
 */
export class ChainFile {
  private handle: FileHandle | undefined;
  private inode = 0;
  private size = 0;
  private link: Link | undefined;
  /** Sealed, and not yet all in the file: what failed half-way goes on where it stopped. */
  private pending: Pending | undefined;
  private dirty = false;
  /** Whether the file, when it was looked at last, was not as long as this has written it. */
  private isForeign = false;

  constructor(private readonly options: ChainFileOptions) {}

  /** Takes from the queue what it could write. @throws what the system says when something cannot be written */
  async append(queue: object[]): Promise<void> {
    await this.open();
    await this.drain();
    while (queue.length > 0) {
      if (this.seal(queue)) await this.drain();
      else await this.rotate();
    }
  }

  /** Opens the file, also to see whether it can be. Does nothing while it is open and where it was. */
  async open(): Promise<void> {
    if (this.handle && (this.pending || (await this.isInPlace()))) return;
    if (this.handle && this.isForeign) {
      await this.release();
      throw Object.assign(new Error('somebody else writes to it'), { code: 'EFOREIGN' });
    }
    const moved = this.handle !== undefined;
    await this.release();
    await this.openFile(moved ? 'moved' : undefined);
  }

  /** Forces to the disk what was written since the last time. */
  async sync(): Promise<void> {
    if (!this.dirty) return;
    await this.handle?.datasync();
    this.dirty = false;
  }

  async close(): Promise<void> {
    try {
      await this.sync();
    } finally {
      await this.release();
    }
  }

  private async openFile(why: string | undefined): Promise<void> {
    const { file, key } = this.options;
    const handle = await open(file, FLAGS, MODE);
    try {
      const status = await handle.stat();
      if (!status.isFile()) throw Object.assign(new Error('it is not a regular file'), { code: 'ENOTREG' });
      const end = await readChainEnd(handle, status.size, key);
      const goesOn = this.link ? end.link?.hash === this.link.hash : end.sealed;
      if (status.size > 0 && !goesOn) return await this.leave(handle, end);
      this.adopt(handle, status);
      if (status.size === 0) await this.begin(why);
      else this.goOn(end);
    } catch (thrown) {
      if (this.handle !== handle) await handle.close();
      throw thrown;
    }
  }

  /** The file ends in a way that this chain does not: it was sealed with another key, or by others. */
  private async leave(handle: FileHandle, end: ChainEnd): Promise<void> {
    await handle.close();
    this.link ??= end.link;
    await setAside(this.options.file, end.link?.seq ?? 0);
    await this.openFile('unverified');
  }

  private adopt(handle: FileHandle, { ino, size }: { ino: number; size: number }): void {
    this.handle = handle;
    this.inode = ino;
    this.size = size;
  }

  /** A file without lines: the first of the chain, or the next. */
  private async begin(why: string | undefined): Promise<void> {
    const earlier = await lastSetAside(this.options.file);
    this.link ??= earlier === undefined ? ORIGIN : await this.endOf(earlier);
    if (why !== undefined) this.say('audit.continued', { why });
    else if (this.link.seq > 0) this.say('audit.continued', { after: earlier && basename(earlier) });
  }

  private async endOf(file: string): Promise<Link> {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      return (await readChainEnd(handle, size, this.options.key)).link ?? ORIGIN;
    } finally {
      await handle.close();
    }
  }

  /** What a crash has left of a line stays where it is, and is told by the next one. */
  private goOn({ link = ORIGIN, torn, finished }: ChainEnd): void {
    this.link = link;
    if (torn) this.say('audit.resumed', { torn_bytes: torn.bytes, torn_sha256: torn.sha256 }, finished ? '' : '\n');
    else if (!finished) this.pending = { bytes: Buffer.from('\n'), written: 0 };
  }

  private say(event: string, detail: object, before = ''): void {
    const { line, link } = sealLine(this.link ?? ORIGIN, this.record(event, detail), this.options.key);
    this.pending = { bytes: Buffer.from(`${before}${line}\n`), written: 0 };
    this.link = link;
  }

  private record(event: string, detail: object): object {
    return { time: this.options.time(), event, detail };
  }

  /** Seals as many records as fit into the file; false where that is none. What fits into no file is let into one. */
  private seal(queue: object[]): boolean {
    const { key, maxBytes } = this.options;
    const room = Math.min(BATCH_BYTES, maxBytes - this.size);
    const lines: string[] = [];
    let bytes = 0;
    let link = this.link ?? ORIGIN;
    for (const record of queue) {
      const sealed = sealLine(link, record, key);
      bytes += Buffer.byteLength(sealed.line) + 1;
      if (bytes > room && (lines.length > 0 || this.size > HEAD_BYTES)) break;
      lines.push(sealed.line);
      link = sealed.link;
    }
    if (lines.length === 0) return false;
    queue.splice(0, lines.length);
    this.link = link;
    this.pending = { bytes: Buffer.from(`${lines.join('\n')}\n`), written: 0 };
    return true;
  }

  private async drain(): Promise<void> {
    const { pending, handle } = this;
    if (!pending || !handle) return;
    while (pending.written < pending.bytes.length) {
      const { bytesWritten } = await handle.write(pending.bytes, pending.written);
      pending.written += bytesWritten;
      this.size += bytesWritten;
      this.dirty = true;
    }
    this.pending = undefined;
  }

  private async rotate(): Promise<void> {
    await this.close();
    await setAside(this.options.file, this.link?.seq ?? 0);
    await this.openFile(undefined);
    await this.drain();
  }

  private async isInPlace(): Promise<boolean> {
    this.isForeign = false;
    try {
      const { ino, size } = await stat(this.options.file);
      this.isForeign = ino === this.inode && size !== this.size;
      return ino === this.inode && !this.isForeign;
    } catch {
      return false;
    }
  }

  private async release(): Promise<void> {
    const { handle } = this;
    this.handle = undefined;
    await handle?.close();
  }
}
