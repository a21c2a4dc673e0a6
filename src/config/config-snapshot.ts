import { isDeepStrictEqual } from 'node:util';

import type { ShapeClass } from '../extension/index.js';
import { sectionInfo } from './section.js';

/** Where a key stands: in the file, or in an environment variable that has no lines. */
export interface Located {
  readonly file: string;
  readonly line: number | undefined;
  readonly column: number | undefined;
}

/** What is known about where a configuration came from. */
export interface Provenance {
  /** Every text that came out of a `${…}`. Nothing may print one. */
  readonly secrets: ReadonlySet<string>;
  /** Where they went: paths as JSON. */
  readonly secretPaths: ReadonlySet<string>;
  /** @param key as in `ConfigProblem.key` */
  locate(key: string): Located;
}

/** One whole configuration: checked, frozen, never changed. */
export class ConfigSnapshot {
  constructor(
    private readonly values: ReadonlyMap<ShapeClass, object>,
    readonly provenance: Provenance,
  ) {}

  get sections(): readonly ShapeClass[] {
    return [...this.values.keys()];
  }

  /** The frozen instance of a section. @throws TypeError for a class that was not loaded */
  get<T extends object>(section: ShapeClass<T>): T {
    const value = this.values.get(section);
    if (!value) throw new TypeError(`[${sectionInfo(section).name}] is not in the list of sections`);
    return value as T;
  }

  /** The sections that say something else than in another snapshot of the same sections. */
  changedFrom(other: ConfigSnapshot): readonly ShapeClass[] {
    return this.sections.filter((section) => !isDeepStrictEqual(this.get(section), other.get(section)));
  }

  /** This configuration with some sections as they were in another. */
  keeping(sections: readonly ShapeClass[], from: ConfigSnapshot): ConfigSnapshot {
    const kept = sections.map((section) => [section, from.get(section)] as const);
    return new ConfigSnapshot(new Map([...this.values, ...kept]), this.provenance);
  }
}
