/**
 * What a modern request says of itself, in `params._meta`.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic
 */
export const ENVELOPE = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  logLevel: 'io.modelcontextprotocol/logLevel',
} as const;

/** For which listen a message is, in `params._meta` of a notification and in `_meta` of the result that ends it. */
export const SUBSCRIPTION_ID = 'io.modelcontextprotocol/subscriptionId';

/** Who answered, in `_meta` of every modern result. */
export const SERVER_INFO = 'io.modelcontextprotocol/serverInfo';

/** The extension by which a server answers with a task, in `capabilities.extensions`. */
export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';

/** The extension by which tools bring pages with them, in `capabilities.extensions`. */
export const UI_EXTENSION = 'io.modelcontextprotocol/ui';
