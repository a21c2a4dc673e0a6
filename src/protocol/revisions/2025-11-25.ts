import { TASK_METHODS } from '../methods.js';
import { R2025_06_18 } from './2025-06-18.js';
import type { Revision } from './revision.js';

/**
 * The last one with a handshake. Brought tasks of servers; those of clients are not relayed, so they are in no table.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25
 */
export const R2025_11_25: Revision = {
  ...R2025_06_18,
  date: '2025-11-25',
  primedStreams: true,
  clientMethods: new Set([...R2025_06_18.clientMethods, ...TASK_METHODS]),
  serverCapabilities: new Set([...R2025_06_18.serverCapabilities, 'tasks']),
  clientCapabilities: new Set([
    ...R2025_06_18.clientCapabilities,
    'sampling.context',
    'sampling.tools',
    'elicitation.form',
    'elicitation.url',
  ]),
};
