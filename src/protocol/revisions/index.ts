import { R2024_11_05 } from './2024-11-05.js';
import { R2025_03_26 } from './2025-03-26.js';
import { R2025_06_18 } from './2025-06-18.js';
import { R2025_11_25 } from './2025-11-25.js';
import { R2026_07_28 } from './2026-07-28.js';
import type { Revision } from './revision.js';

export type { Revision } from './revision.js';

/** Every revision that is spoken, oldest first. */
export const REVISIONS: readonly Revision[] = [R2024_11_05, R2025_03_26, R2025_06_18, R2025_11_25, R2026_07_28];

/** The newest revision with a handshake: what is offered first, and the answer to whoever asks for something unknown. */
export const LATEST_LEGACY: Revision = R2025_11_25;

/** The newest revision without a handshake: what is offered to servers. */
export const LATEST_MODERN: Revision = R2026_07_28;

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
 * Whether a version that a request names is one of the modern era, spoken here or not: their names are dates, and
 * what comes after the last handshake has none.
 */
export function isModern(version: string): boolean {
  return version >= LATEST_MODERN.date;
}

/** The versions of the modern era that are spoken here, newest first: what `-32022` offers. */
export const MODERN_VERSIONS: readonly string[] = REVISIONS.filter(({ era }) => era === 'modern')
  .map(({ date }) => date)
  .toReversed();

/** Every version that is spoken here, newest first: what `server/discover` offers. */
export const ALL_VERSIONS: readonly string[] = REVISIONS.map(({ date }) => date).toReversed();

/**
 * Whether a client may send such a request under this revision; before one is agreed on, whether it may
 * under any with a handshake.
 */
export function isKnownMethod(method: string, date?: string): boolean {
  return (date === undefined ? LATEST_LEGACY : revisionOf(date))?.clientMethods.has(method) ?? false;
}
