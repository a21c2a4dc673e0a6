import type { ConfigDocument } from '../document/config-document.js';
import { readToml } from '../document/toml.format.js';
import type { ConfigSource } from './config-source.js';

/** TOML that is at hand as text. */
export class TextSource implements ConfigSource {
  constructor(
    private readonly text: string,
    readonly name = 'gateway.toml',
  ) {}

  // Async, so that a syntax error is a rejection as with any source.
  async read(): Promise<ConfigDocument> {
    return readToml(this.text, this.name);
  }
}
