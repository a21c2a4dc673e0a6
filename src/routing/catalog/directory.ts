import type { Definition } from '../../core/definition.js';
import type { Target } from '../../core/exchange.js';
import type { MergedLists } from '../merge/merged-list.js';

/** Something is known, is known not to be, or has yet to be asked for. Never rejects. */
export type Lookup = Target | undefined | Promise<Target | undefined>;

/** Says which group of a route stands behind a name or a URI. */
export interface Directory {
  /** The tool or prompt of that name. */
  named(kind: 'tools' | 'prompts', name: string): Lookup;
  /** Whoever owns a URI, in the form the route gave it or in the group's own. */
  resource(uri: string): Lookup;
  /** What a completion refers to by a URI: a template of the route, or else a resource. */
  reference(uri: string): Lookup;
}

/** A directory that knows nothing but what is listed. */
export interface StrictDirectory extends Pick<Directory, 'named'> {
  /** Whether nothing else may be used either. */
  confines(kind: 'tools' | 'prompts'): boolean;
}

/** The directory of a route with one group under its own names: everything is the group's, known or not. */
export class OneGroup implements Directory {
  constructor(
    private readonly group: string,
    private readonly merged: Pick<MergedLists, 'tools' | 'prompts'>,
    /** Knows better where nothing but what is shown may be used. */
    private readonly strict: StrictDirectory,
  ) {}

  named(kind: 'tools' | 'prompts', name: string): Lookup {
    if (this.strict.confines(kind)) return this.strict.named(kind, name);
    const found = this.merged[kind].find(name);
    if (found || kind === 'prompts') return found ?? { group: this.group, name };
    return new UntoldTool(this.group, name, this.strict);
  }

  resource(uri: string): Target {
    return { group: this.group, name: uri };
  }

  reference(uri: string): Target {
    return { group: this.group, name: uri };
  }
}

/** A tool that a group may have, although it has not told so, or not yet. */
class UntoldTool implements Target {
  readonly #directory: StrictDirectory;

  constructor(
    readonly group: string,
    readonly name: string,
    directory: StrictDirectory,
  ) {
    this.#directory = directory;
  }

  async learn(): Promise<Definition | undefined> {
    return (await this.#directory.named('tools', this.name))?.definition;
  }
}
