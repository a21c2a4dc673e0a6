import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { type ConfigDocument, type ConfigFormat, unreadable } from '../document/config-document.js';
import { readToml } from '../document/toml.format.js';
import type { ConfigSource } from './config-source.js';
import { watchFile } from './watch-file.js';

/** A file of TOML, or of any other format. */
export class FileSource implements ConfigSource {
  /** Of what was read last: an event that leaves the text as it was is none. */
  private seen: string | undefined;
  private hadText = false;
  private last: string | undefined;

  /** @param name path of the file, relative to the working directory */
  constructor(
    readonly name: string,
    private readonly format: ConfigFormat = readToml,
  ) {}

  get lastText(): string | undefined {
    return this.last;
  }

  recall(text: string): ConfigDocument {
    return this.format(text, this.name);
  }

  async read(): Promise<ConfigDocument> {
    let bytes: Buffer;
    try {
      bytes = await readFile(this.name);
    } catch (thrown) {
      this.seen = undefined;
      throw unreadable(this.name, whyNotRead(thrown));
    }
    this.seen = digest(bytes);
    // A writer that empties the file first is not done. Taken for a configuration, it would be one without servers.
    if (bytes.length === 0 && this.hadText) throw unreadable(this.name, 'is empty');
    this.hadText ||= bytes.length > 0;
    this.last = decode(bytes, this.name);
    return this.format(this.last, this.name);
  }

  /** Follows replacement by rename, swapped symbolic links, deletion and return; a file that went away is a change. */
  watch(onChange: () => void): () => void {
    return watchFile(this.name, async () => {
      const now = await readFile(this.name).then(digest, () => undefined);
      if (now === this.seen) return;
      this.seen = now;
      onChange();
    });
  }
}

function decode(bytes: Buffer, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw unreadable(file, 'is not UTF-8');
  }
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64');
}

function whyNotRead(thrown: unknown): string {
  const code = (thrown as NodeJS.ErrnoException).code ?? 'unknown';
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EACCES: 'may not be read',
    EISDIR: 'is a directory',
  };
  return reasons[code] ?? `cannot be read (${code})`;
}
