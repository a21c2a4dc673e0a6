import { isTable, type KeyPath, nearest } from '../../extension/index.js';
import { type RawTable, valueAt } from '../document/config-document.js';
import { isKnown, type SectionNode } from '../section-tree.js';

/**
 * Keys that people have reason to write and that nothing here reads: they are refused by name, because a
 * gateway that ignored them would look like something it is not. A row does not apply to what a section
 * knows. `*` stands for every key of its table.
 */
const LATER_KEYS: readonly (readonly [key: string, what: string, insteadOf?: string])[] = [
  ['upstream.discovery', 'discovery of servers'],
  ['upstream.retry', 'configurable retries'],
  ['middleware.*', 'this middleware'],
  ['cache', 'caching'],
  ['redis.sentinels', 'Redis Sentinel'],
  ['redis.sentinel', 'Redis Sentinel'],
  ['redis.cluster', 'Redis Cluster'],
  ['storage', 'shared storage'],
  ['routes', 'routes of your own'],
  ['tracing', 'tracing'],
  ['slo', 'service level objectives'],
  ['alerting', 'alerting'],
  ['tenancy', 'tenants', 'look separated and share everything'],
  ['tenants', 'tenants', 'look separated and share everything'],
  ['waf', 'the web application firewall', 'look protected and be open'],
  ['webhooks', 'webhooks'],
  ['dashboard', 'the dashboard'],
  ['extensions', 'loading of further modules'],
];

/** Refuses, and takes out of the tree, what is meant for a later version. */
export function refuseLaterKeys(
  tree: RawTable,
  sections: SectionNode,
  problem: (path: KeyPath, message: string) => void,
): void {
  for (const [key, what, insteadOf = 'ignore it'] of LATER_KEYS) {
    for (const path of matches(tree, key.split('.'), sections)) {
      problem(path, `${what} is not in this version; the gateway does not start rather than ${insteadOf}`);
      takeOut(tree, path, sections);
    }
  }
}

function matches(tree: RawTable, pattern: readonly string[], sections: SectionNode): readonly string[][] {
  const name = pattern.at(-1)!;
  const table = pattern.slice(0, -1);
  const parent = valueAt(tree, table);
  if (!isTable(parent)) return [];
  // A known name that was mistyped is told apart from one that is not there yet.
  const names = name === '*' ? Object.keys(parent).filter((key) => !isMistyped(key, table, sections)) : [name];
  return names
    .filter((key) => Object.hasOwn(parent, key))
    .map((key) => [...table, key])
    .filter((path) => !isKnown(sections, path));
}

function isMistyped(key: string, table: readonly string[], sections: SectionNode): boolean {
  const node = table.reduce<SectionNode | undefined>((parent, step) => parent?.children.get(step), sections);
  return nearest(key, [...(node?.children.keys() ?? [])]) !== undefined;
}

/** What is refused is not to be found unknown as well, nor a table that was only there to hold it. */
function takeOut(tree: RawTable, path: readonly string[], sections: SectionNode): void {
  const table = path.slice(0, -1);
  const parent = valueAt(tree, table);
  if (!isTable(parent)) return;
  delete parent[path.at(-1)!];
  const isSpare = table.length > 0 && Object.keys(parent).length === 0 && !isKnown(sections, table);
  if (isSpare) takeOut(tree, table, sections);
}
