import { R2025_03_26 } from './2025-03-26.js';
import type { Revision } from './revision.js';

/**
 * Brought elicitation and a version in every HTTP message, took batches away again.
 *
 * @see https://modelcontextprotocol.io/specification/2025-06-18
 */
export const R2025_06_18: Revision = {
  ...R2025_03_26,
  date: '2025-06-18',
  serverMethods: new Set([...R2025_03_26.serverMethods, 'elicitation/create']),
  clientCapabilities: new Set([...R2025_03_26.clientCapabilities, 'elicitation']),
  batches: false,
  versionHeader: true,
};
