import type { McpRequest } from '../core/message.js';
import { referenceOf, subjectOf } from '../protocol/index.js';
import type { Directory, Lookup } from './catalog/directory.js';

/** Which group of the route a request is for. Undefined for requests that are for all of them, or for nobody. */
export function aim(request: McpRequest, directory: Directory): Lookup {
  const subject = subjectOf(request);
  if (subject === undefined) return undefined;
  switch (request.method) {
    case 'tools/call':
      return directory.named('tools', subject);
    case 'prompts/get':
      return directory.named('prompts', subject);
    case 'resources/read':
      return directory.resource(subject);
    case 'completion/complete':
      return referenceOf(request.params)?.kind === 'prompt'
        ? directory.named('prompts', subject)
        : directory.reference(subject);
    default:
      return undefined;
  }
}
