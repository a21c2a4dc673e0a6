import { createHash } from 'node:crypto';

import type { ProblemReport } from '../core/events.js';
import type { ConfigSnapshot } from './config-snapshot.js';
import { sectionInfo } from './section.js';

/** A configuration that was read and checked, and is not in force; or what is wrong with it. */
export type Prepared =
  | {
      readonly kind: 'good';
      readonly next: ConfigSnapshot;
      /** Names of the sections that say something else than those in force. */
      readonly changed: readonly string[];
      /** Those whose change has to wait for a restart. */
      readonly needRestart: readonly string[];
      /** Stands for what is in the files that it refers to. */
      readonly contents: string;
      /** Whether anything in it, or in those files, is another than what is in force. */
      readonly isNew: boolean;
    }
  | { readonly kind: 'bad'; readonly problems: readonly ProblemReport[] };

/** The same text for the same configuration, whoever has read it; nothing can be read from it. */
export function digestOf({ next, contents }: Prepared & { kind: 'good' }): string {
  const hash = createHash('sha256').update(contents);
  for (const section of next.sections) hash.update(JSON.stringify([sectionInfo(section).name, next.get(section)]));
  return hash.digest('base64url');
}
