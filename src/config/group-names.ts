import type { ConfigSnapshot } from './config-snapshot.js';
import { sectionInfo } from './section.js';

/**
 * The names of all upstream groups, for sections that name groups or their routes and see nothing else of upstream.
 * Undefined where the configuration has no such section.
 */
export function groupNames(snapshot: ConfigSnapshot): readonly string[] | undefined {
  const upstream = snapshot.sections.find((section) => sectionInfo(section).name === 'upstream');
  return upstream && Object.keys((snapshot.get(upstream) as { readonly groups: object }).groups);
}
