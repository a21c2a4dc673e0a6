import { METHODS, MODERN_METHODS, TASK_METHODS } from '../methods.js';
import type { Revision } from './revision.js';

/**
 * The first one. Servers could complete without saying so.
 *
 * @see https://modelcontextprotocol.io/specification/2024-11-05
 */
export const R2024_11_05: Revision = {
  date: '2024-11-05',
  era: 'legacy',
  clientMethods: new Set([...METHODS.keys()].filter((name) => !TASK_METHODS.has(name) && !MODERN_METHODS.has(name))),
  serverMethods: new Set(['ping', 'sampling/createMessage', 'roots/list']),
  serverCapabilities: new Set(['experimental', 'logging', 'prompts', 'resources', 'tools']),
  clientCapabilities: new Set(['roots', 'roots.listChanged', 'sampling']),
  batches: false,
  eventIds: false,
  primedStreams: false,
  versionHeader: false,
};
