import type { Exchange } from '../core/exchange.js';
import type { McpRequest } from '../core/message.js';
import { referenceOf, subjectOf } from '../protocol/index.js';
import type { Directory, Lookup } from './catalog/directory.js';
import type { TaskIds } from './tasks/task-ids.js';

type Asking = Pick<Exchange, 'principal' | 'peer'>;

/**
 * Which group of the route a request is for. Undefined for requests that are for all of them, or for nobody.
 *
 * @param tasks tell whose a task is, which only its principal may know
 */
export function aim(request: McpRequest, directory: Directory, tasks: TaskIds, exchange: Asking): Lookup {
  const subject = subjectOf(request);
  if (subject === undefined) return undefined;
  switch (request.method) {
    case 'tools/call':
      return directory.named('tools', subject);
    case 'prompts/get':
      return directory.named('prompts', subject);
    case 'resources/read':
    case 'resources/subscribe':
    case 'resources/unsubscribe':
      return directory.resource(subject);
    case 'completion/complete':
      return referenceOf(request.params)?.kind === 'prompt'
        ? directory.named('prompts', subject)
        : directory.reference(subject);
    case 'tasks/get':
    case 'tasks/update':
    case 'tasks/result':
    case 'tasks/cancel':
      return tasks.open(subject, { principal: exchange.principal, era: exchange.peer.era });
    default:
      return undefined;
  }
}
