import { Globs } from '../../core/glob.js';
import { plainUri } from './uri-spelling.js';

/** Longer ones are not looked at: no pattern allows them, and any may be about them. Characters. */
const LONGEST = 8_192;

/** Patterns of URIs. No spelling of one leads around them, whatever a server makes of it. */
export class UriGlobs {
  private readonly written: Globs;
  private readonly exact: ReadonlySet<string>;
  private readonly plain: Globs;

  constructor(patterns: readonly string[]) {
    this.written = new Globs(patterns);
    this.exact = new Set(patterns);
    this.plain = new Globs([...new Set(patterns.flatMap((pattern) => [pattern, plainUri(pattern) ?? pattern]))]);
  }

  static of(patterns: readonly string[] | undefined): UriGlobs | undefined {
    return patterns && new UriGlobs(patterns);
  }

  /** Whether a URI is meant as it is written, and also as what a server may take it for. */
  matches(uri: string): boolean {
    if (uri.length > LONGEST || !this.written.matches(uri)) return false;
    const plain = plainUri(uri);
    return plain === undefined || this.exact.has(uri) || this.plain.matches(plain);
  }

  /** Whether one of the two is meant. */
  touches(uri: string): boolean {
    return uri.length > LONGEST || this.written.matches(uri) || this.plain.matches(plainUri(uri));
  }
}
