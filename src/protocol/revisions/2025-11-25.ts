import { R2025_06_18 } from './2025-06-18.js';
import type { Revision } from './revision.js';

/**
 * The last one with a handshake. Its experimental tasks are not relayed, so they are in no table.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25
 */
export const R2025_11_25: Revision = { ...R2025_06_18, date: '2025-11-25' };
