import type { GroupConfig } from './upstream.section.js';

const DEFAULT_GROUP = 'default';

/** What stands before the names of a group's tools and prompts on the aggregated route; empty for none. */
export function prefixOf(name: string, { prefix }: Pick<GroupConfig, 'prefix'>): string {
  return prefix ?? (name === DEFAULT_GROUP ? '' : name);
}
