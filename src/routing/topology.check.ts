import type { ConfigProblem } from '../config/index.js';
import { prefixOf, type UpstreamSection } from '../upstream/index.js';
import { AGGREGATED } from './holder/holders.js';

/** The route of a group has the name of the group, and every route has its own. */
export function checkNames({ groups }: UpstreamSection): ConfigProblem[] {
  if (!Object.hasOwn(groups, AGGREGATED)) return [];
  const key = `upstream.groups.${AGGREGATED}`;
  return [{ key, message: `"${AGGREGATED}" is the route of all groups together; no group can have that name` }];
}

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
