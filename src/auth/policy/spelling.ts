import { GatewayError } from '../../core/errors.js';
import type { McpRequest } from '../../core/message.js';
import { members, valuesOf } from '../../core/walk.js';

/** What decides about a request, in small letters, with how it is written. */
const SPELLED: ReadonlyMap<string, string> = new Map([
  ['name', 'name'],
  ['uri', 'uri'],
  ['ref', 'ref'],
  ['arguments', 'arguments'],
  ['type', 'type'],
]);

/**
 * Refuses params that say in another case once more what was judged: there are servers that do not tell the cases
 * apart, and would do something else than what is allowed.
 *
 * @throws `protocol_invalid_params`
 */
export function checkSpelling({ params, method }: McpRequest): void {
  if (!params) return;
  check(params.bytes, 0);
  if (method !== 'completion/complete') return;
  for (const [at] of valuesOf(params.bytes, 'ref')) check(params.bytes, at);
}

function check(bytes: Buffer, at: number): void {
  const seen = new Set<string>();
  for (const { key } of members(bytes, at)) {
    const plain = key.toLowerCase();
    const spelled = SPELLED.get(plain);
    if (spelled === undefined) continue;
    if (key !== spelled || seen.has(plain)) {
      throw new GatewayError('protocol_invalid_params', `params must have "${spelled}" once, in small letters`);
    }
    seen.add(plain);
  }
}
