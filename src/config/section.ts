import 'reflect-metadata';

import type { ShapeClass } from '../extension/index.js';

/** Where a section stands and how it takes a change. */
export interface SectionInfo {
  /** As in the brackets of TOML: `middleware.timeout`. */
  readonly name: string;
  readonly path: readonly string[];
  /** Whether a change takes effect only after a restart; a reload reports it and keeps the old value. */
  readonly restart: boolean;
}

const SECTION = Symbol('section');

/** Makes a shape one section of the configuration file, found under its TOML path. */
export function Section(name: string, { restart = false }: { restart?: boolean } = {}): ClassDecorator {
  const info: SectionInfo = { name, path: name.split('.'), restart };
  return (type) => Reflect.defineMetadata(SECTION, info, type);
}

/** What `@Section` said. @throws TypeError for a class that is none */
export function sectionInfo(section: ShapeClass): SectionInfo {
  const info = Reflect.getOwnMetadata(SECTION, section) as SectionInfo | undefined;
  if (!info) throw new TypeError(`${section.name} is not a section: it lacks @Section`);
  return info;
}
