import { isObject, type JsonObject } from '../../core/json.js';

/** Capabilities of a client as a reader would name them: `elicitation (form) and sampling`. Empty for none. */
export function capabilitiesInWords(capabilities: JsonObject): string {
  const named = Object.entries(capabilities).map(([name, given]) => {
    const within = isObject(given) ? Object.keys(given) : [];
    return within.length === 0 ? name : `${name} (${within.join(', ')})`;
  });
  return named.join(' and ');
}
