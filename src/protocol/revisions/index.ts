import { METHODS } from '../methods.js';
import { R2024_11_05 } from './2024-11-05.js';
import { R2025_03_26 } from './2025-03-26.js';
import { R2025_06_18 } from './2025-06-18.js';
import { R2025_11_25 } from './2025-11-25.js';
import type { Revision } from './revision.js';

export type { Revision } from './revision.js';

/** Every revision that is spoken, oldest first. */
export const REVISIONS: readonly Revision[] = [R2024_11_05, R2025_03_26, R2025_06_18, R2025_11_25];

/** The newest revision with a handshake: what is offered first, and the answer to whoever asks for something unknown. */
export const LATEST_LEGACY: Revision = R2025_11_25;

/** A draft that early clients and servers still name: the first revision under another date, and answered under it. */
const DRAFT: Revision = { ...R2024_11_05, date: '2024-10-07' };

const BY_DATE: ReadonlyMap<string, Revision> = new Map(
  [DRAFT, ...REVISIONS].map((revision) => [revision.date, revision]),
);

/** The revision of a date, if it is spoken. */
export function revisionOf(date: string): Revision | undefined {
  return BY_DATE.get(date);
}

/**
 * The revision that answers an `initialize`: the one asked for where it has a handshake, else the newest
 * that does, because being asked for an unknown version is no error.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle
 */
export function negotiate(requested: string): Revision {
  const revision = revisionOf(requested);
  return revision?.era === 'legacy' ? revision : LATEST_LEGACY;
}

/**
 * Whether a client may send such a request under this revision; before one is agreed on, whether it may
 * under any.
 */
export function isKnownMethod(method: string, date?: string): boolean {
  return date === undefined ? METHODS.has(method) : (revisionOf(date)?.clientMethods.has(method) ?? false);
}
