import type { ConfigProblem } from '../config/index.js';
import type { AuthSection } from './auth.section.js';

/** The route of all groups together. */
const AGGREGATED = 'mcp';

/** A route that there is not asks nobody for anything, and looks as if it did. */
export function checkRoutes({ routes }: AuthSection, groups: readonly string[] | undefined): ConfigProblem[] {
  // Without the section of groups nobody can tell.
  if (groups === undefined) return [];
  const known = [AGGREGATED, ...groups];
  const unknown = Object.keys(routes).filter((name) => !known.includes(name));
  return unknown.map((name) => ({ key: `security.auth.routes.${name}`, message: problemOf(name, known) }));
}

function problemOf(name: string, known: readonly string[]): string {
  if (name === 'admin') return 'no route has that name; who may use the admin API is said in [admin]';
  return `unknown "${name}"; known: ${known.join(', ')}`;
}
