import type { McpRequest } from '../core/message.js';
import type { Directory, Lookup } from './catalog/directory.js';
import { referenceOf } from './reference.js';

/** Which group of the route a request is for. Undefined for requests that are for all of them, or for nobody. */
export function aim(request: McpRequest, directory: Directory): Lookup {
  switch (request.method) {
    case 'tools/call':
      return request.name === undefined ? undefined : directory.named('tools', request.name);
    case 'prompts/get':
      return request.name === undefined ? undefined : directory.named('prompts', request.name);
    case 'resources/read': {
      const uri = request.params?.text('uri');
      return uri === undefined ? undefined : directory.resource(uri);
    }
    case 'completion/complete': {
      const reference = referenceOf(request);
      if (!reference) return undefined;
      return reference.kind === 'prompt'
        ? directory.named('prompts', reference.text)
        : directory.reference(reference.text);
    }
    default:
      return undefined;
  }
}
