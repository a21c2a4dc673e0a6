import type { ConfigProblem } from '../config/index.js';
import { prefixOf, type UpstreamSection } from '../upstream/index.js';

/** Two groups under one prefix would take names from each other. Groups without a prefix may: the first one wins. */
export function checkPrefixes({ groups }: UpstreamSection): ConfigProblem[] {
  const owners = new Map<string, string>();
  return Object.entries(groups).flatMap(([name, group]) => {
    const prefix = prefixOf(name, group);
    const owner = owners.get(prefix);
    if (prefix === '' || owner === undefined) {
      owners.set(prefix, name);
      return [];
    }
    const key = group.prefix === undefined ? `upstream.groups.${name}` : `upstream.groups.${name}.prefix`;
    return [{ key, message: `the prefix "${prefix}" is already that of the group "${owner}"` }];
  });
}
