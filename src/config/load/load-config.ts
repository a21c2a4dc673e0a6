import {
  formatKey,
  isTable,
  type KeyPath,
  nearest,
  parseKey,
  readShape,
  type ShapeClass,
} from '../../extension/index.js';
import { ConfigSnapshot, type Located } from '../config-snapshot.js';
import { type ConfigDocument, valueAt } from '../document/config-document.js';
import { parseTomlValue } from '../document/toml.format.js';
import { ConfigRejection, inOrder } from '../problem.js';
import type { ProblemReport } from '../../core/events.js';
import { sectionInfo } from '../section.js';
import { type SectionNode, sectionTree } from '../section-tree.js';
import { type Environment, overrideFromEnvironment } from './environment.js';
import { refuseLaterKeys } from './later-keys.js';
import { replacePlaceholders } from './placeholders.js';

export interface LoadOptions {
  /** Every section there is: what none of them knows is refused. */
  readonly sections: readonly ShapeClass[];
  readonly environment: Environment;
}

/**
 * Makes a checked, frozen configuration of a document: the environment is laid over it, placeholders are
 * replaced, and every section is read and validated. The document's tree is used up.
 *
 * @throws ConfigRejection with all problems at once
 */
export function loadConfig(document: ConfigDocument, options: LoadOptions): ConfigSnapshot {
  const load = new Load(document, options);
  const snapshot = load.run();
  if (load.problems.length > 0) throw new ConfigRejection(inOrder(load.problems), snapshot);
  return snapshot;
}

class Load {
  readonly problems: ProblemReport[] = [];
  private readonly variables = new Map<string, string>();
  private readonly secretPaths = new Set<string>();
  private readonly secrets = new Set<string>();
  private readonly known: SectionNode;

  constructor(
    private readonly document: ConfigDocument,
    private readonly options: LoadOptions,
  ) {
    this.known = sectionTree(options.sections);
  }

  run(): ConfigSnapshot {
    const { tree } = this.document;
    overrideFromEnvironment(tree, this.options.environment, {
      sections: this.known,
      problem: (variable, path, message) =>
        this.problems.push({ ...inVariable(variable), key: formatKey(path), message }),
      origin: (path, variable) => this.variables.set(JSON.stringify(path), variable),
    });
    replacePlaceholders(tree, {
      environment: this.options.environment,
      problem: this.problem,
      secret: (path, text) => {
        this.secretPaths.add(JSON.stringify(path));
        if (text) this.secrets.add(text);
      },
    });
    refuseLaterKeys(tree, this.known, this.problem);
    this.refuseUnknownTables(this.known, []);
    return this.snapshot();
  }

  private readonly problem = (path: KeyPath, message: string): void => {
    this.problems.push({ ...this.locate(path), key: formatKey(path), message });
  };

  private readonly locate = (path: KeyPath): Located => {
    const variable = this.variables.get(JSON.stringify(path));
    if (variable) return inVariable(variable);
    return { file: this.document.file, ...this.document.positions.find(path) };
  };

  private snapshot(): ConfigSnapshot {
    const values = new Map(
      this.options.sections.map((section) => [section, freeze(this.readSection(section))] as const),
    );
    return new ConfigSnapshot(values, {
      secrets: this.secrets,
      secretPaths: this.secretPaths,
      locate: (key) => this.locate(parseKey(key)),
    });
  }

  private readSection(section: ShapeClass): object {
    const { path } = sectionInfo(section);
    const raw = valueAt(this.document.tree, path) ?? {};
    const node = path.reduce((parent, step) => parent.children.get(step)!, this.known);
    const reading = { problem: this.problem, parseText: parseTomlValue };
    return readShape(section, raw, reading, { path, apart: [...node.children.keys()] });
  }

  /** A section refuses its own unknown keys; here are the tables that are only there to hold sections. */
  private refuseUnknownTables(node: SectionNode, path: readonly string[]): void {
    const raw = valueAt(this.document.tree, path);
    if (raw === undefined) return;
    if (!isTable(raw)) {
      if (!node.section) this.problem(path, 'must be a table');
      return;
    }
    const names = [...node.children.keys()];
    for (const key of node.section ? [] : Object.keys(raw)) {
      if (names.includes(key)) continue;
      const meant = nearest(key, names);
      const what = isTable(raw[key]) || path.length === 0 ? 'unknown section' : 'unknown key';
      this.problem([...path, key], meant ? `${what}; did you mean "${meant}"?` : `${what}; known: ${names.join(', ')}`);
    }
    for (const [name, child] of node.children) this.refuseUnknownTables(child, [...path, name]);
  }
}

function inVariable(variable: string): Located {
  return { file: `environment variable ${variable}`, line: undefined, column: undefined };
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) freeze(member);
  return value;
}
