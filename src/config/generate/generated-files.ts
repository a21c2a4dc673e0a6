import type { ShapeClass } from '../../extension/index.js';
import { exampleToml } from './example.js';
import { referenceMarkdown } from './reference.js';
import { configSchema } from './schema.js';

/** The files that are made from the sections, by their path in the repository. */
export function generatedFiles(sections: readonly ShapeClass[]): ReadonlyMap<string, string> {
  return new Map([
    ['config/gateway.schema.json', `${JSON.stringify(configSchema(sections), undefined, 2)}\n`],
    ['config/gateway.example.toml', exampleToml(sections)],
    ['docs/configuration.md', referenceMarkdown(sections)],
  ]);
}
