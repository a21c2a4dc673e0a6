import type { ConfigDocument } from '../document/config-document.js';

/** Where configuration comes from. */
export interface ConfigSource {
  /** What problems call it: the path of a file, as it was given. */
  readonly name: string;
  /**
   * Reads it anew.
   *
   * @throws ConfigRejection when it is not there or cannot be parsed
   */
  read(): Promise<ConfigDocument>;
  /** What it was found to say last, as text; undefined where it has none, or nothing could be read. */
  readonly lastText?: string | undefined;
  /** Reads such a text again: what it says now, and what is watched, is not touched. */
  recall?(text: string): ConfigDocument;
  /** Calls back whenever it may say something new. Returns how to stop; never keeps the process alive. */
  watch?(onChange: () => void): () => void;
}
