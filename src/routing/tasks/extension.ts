import { GatewayError } from '../../core/errors.js';
import type { Exchange } from '../../core/exchange.js';
import { isObject } from '../../core/json.js';
import type { McpReply } from '../../core/message.js';
import { TASKS_EXTENSION } from '../../protocol/index.js';

/** Whether a client knows what to do with a task that a server made of its own accord. */
export function declaresTasks({ declares }: Pick<Exchange, 'declares'>): boolean {
  const { extensions } = declares;
  return isObject(extensions) && extensions[TASKS_EXTENSION] !== undefined;
}

/** @throws `protocol_missing_capability` for a client that does not declare the extension with this very request */
export function requireTasks(exchange: Pick<Exchange, 'declares'>): void {
  if (declaresTasks(exchange)) return;
  throw new GatewayError('protocol_missing_capability', 'Client must declare the tasks extension', {
    requiredCapabilities: { extensions: { [TASKS_EXTENSION]: {} } },
  });
}

/** Whether a server made a task of a request, instead of answering it. */
export function isTask(reply: McpReply): boolean {
  return reply.kind === 'result' && reply.type === 'task';
}

/** @throws `upstream_protocol_error` for a task that nobody asked for: the client would take it for the answer */
export function refuseTask(reply: McpReply): void {
  if (isTask(reply)) {
    throw new GatewayError('upstream_protocol_error', 'the server made a task for a client that knows none');
  }
}
