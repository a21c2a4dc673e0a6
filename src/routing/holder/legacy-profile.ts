import { profileOf } from '../../bridge/index.js';
import { isObject, type JsonObject } from '../../core/json.js';

/** What servers of the legacy era are told of a modern client, and one word for it. */
export interface LegacyProfile {
  readonly capabilities: JsonObject;
  /** The same for all clients that servers are told the same of. */
  readonly text: string;
  /** Nothing that a server could ask of it. */
  readonly isPlain: boolean;
}

const PROFILES = new WeakMap<JsonObject, LegacyProfile>();

/**
 * What this client can do, rounded down to what sessions of the legacy era are opened with, so that many clients
 * share few of them.
 *
 * @param declares as of an exchange
 */
export function legacyProfile(declares: JsonObject): LegacyProfile {
  let profile = PROFILES.get(declares);
  if (!profile) {
    const capabilities = rounded(declares);
    const isPlain = Object.keys(capabilities).length === 0;
    PROFILES.set(declares, (profile = { capabilities, text: profileOf(capabilities), isPlain }));
  }
  return profile;
}

function rounded({ sampling, elicitation, roots }: JsonObject): JsonObject {
  return {
    ...(isObject(sampling) && { sampling: sampling['tools'] === undefined ? {} : { tools: {} } }),
    ...(isObject(elicitation) && { elicitation: modes(elicitation) }),
    // Nobody says that they changed: they are asked for with each request.
    ...(isObject(roots) && { roots: {} }),
  };
}

/** Forms alone are what elicitation was before there were pages. */
function modes({ form, url }: JsonObject): JsonObject {
  if (url === undefined) return {};
  return form === undefined ? { url: {} } : { form: {}, url: {} };
}
