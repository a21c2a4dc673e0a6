import type { JsonObject } from '../../core/json.js';
import { lacks } from '../shape/lacks.js';
import type { KeyedRequest } from './input-required.js';

/** What the client had to declare to be asked for all of that and did not; undefined when nothing is missing. */
export function missingCapabilities(requests: readonly KeyedRequest[], declares: JsonObject): JsonObject | undefined {
  const missing: Record<string, JsonObject> = {};
  for (const request of requests) {
    const [capability, member] = requiredBy(request);
    const required = { [capability]: member === undefined ? {} : { [member]: {} } };
    if (lacks(declares, required)) missing[capability] = { ...missing[capability], ...required[capability] };
  }
  return Object.keys(missing).length > 0 ? missing : undefined;
}

function requiredBy({ method, params }: KeyedRequest): readonly [capability: string, member?: string] {
  const { mode, tools, toolChoice } = params?.object() ?? {};
  switch (method) {
    case 'sampling/createMessage':
      return tools === undefined && toolChoice === undefined ? ['sampling'] : ['sampling', 'tools'];
    case 'elicitation/create':
      return ['elicitation', mode === 'url' ? 'url' : 'form'];
    default:
      return ['roots'];
  }
}
