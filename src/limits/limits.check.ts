import { type ConfigProblem, type ConfigSnapshot, groupNames } from '../config/index.js';
import { RedisSection } from '../storage/index.js';
import { RateLimitingSection } from './rate-limiting.section.js';

/** The route of all groups together. */
const AGGREGATED = 'mcp';
const KEY = 'security.rate_limiting';

/** A limit that nothing can reach protects nobody, and looks as if it did. */
export function checkLimits(next: ConfigSnapshot): ConfigProblem[] {
  const { store, routes, tools } = next.get(RateLimitingSection);
  const groups = groupNames(next) ?? [];
  const unknown = (
    names: readonly string[],
    known: readonly string[],
    key: (name: string) => string,
  ): ConfigProblem[] =>
    names
      .filter((name) => !known.includes(name))
      .map((name) => ({ key: key(name), message: `unknown "${name}"; known: ${known.join(', ') || 'none'}` }));
  return [
    ...(store === 'redis' && next.get(RedisSection).url === undefined
      ? [{ key: `${KEY}.store`, message: 'there is no [redis] url to count under; write one, or store = "memory"' }]
      : []),
    ...unknown(Object.keys(routes), [AGGREGATED, ...groups], (name) => `${KEY}.routes.${name}`),
    ...tools.flatMap((tool, at) => unknown(tool.groups, groups, () => `${KEY}.tools[${at}].groups`)),
  ];
}
