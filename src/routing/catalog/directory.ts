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

/** The directory of a route with one group under its own names: everything is the group's, known or not. */
export class OneGroup implements Directory {
  constructor(
    private readonly group: string,
    private readonly merged: Pick<MergedLists, 'tools' | 'prompts'>,
  ) {}

  named(kind: 'tools' | 'prompts', name: string): Target {
    return this.merged[kind].find(name) ?? { group: this.group, name };
  }

  resource(uri: string): Target {
    return { group: this.group, name: uri };
  }

  reference(uri: string): Target {
    return { group: this.group, name: uri };
  }
}
