import { isObject, type JsonObject, type JsonValue } from '../core/json.js';
import type { Implementation } from '../core/peer.js';

/** `clientInfo` or `serverInfo`. For display and logs only, so nobody is refused for it. */
export function implementation(info: JsonValue | undefined): Implementation {
  const { name, version }: JsonObject = isObject(info) ? info : {};
  return { name: typeof name === 'string' ? name : '', version: typeof version === 'string' ? version : '' };
}
