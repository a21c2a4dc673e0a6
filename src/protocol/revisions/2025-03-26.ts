import { R2024_11_05 } from './2024-11-05.js';
import type { Revision } from './revision.js';

/**
 * The one with batches: every receiver must take them.
 *
 * @see https://modelcontextprotocol.io/specification/2025-03-26
 */
export const R2025_03_26: Revision = {
  ...R2024_11_05,
  date: '2025-03-26',
  serverCapabilities: new Set([...R2024_11_05.serverCapabilities, 'completions']),
  batches: true,
  eventIds: true,
};
