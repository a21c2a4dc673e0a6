import { isSecretName } from '../extension/index.js';
import type { FromElsewhere } from './credentials/auth.check.js';
import type { UpstreamSection } from './upstream.section.js';

/** Where headers that look like credentials stand in the file as they are, by their keys. */
export function literalCredentials({ groups }: UpstreamSection, fromElsewhere: FromElsewhere): string[] {
  return Object.entries(groups).flatMap(([group, { servers }]) =>
    servers.flatMap(({ headers }, index) =>
      Object.entries(headers)
        .filter(([name, value]) => {
          const path = ['upstream', 'groups', group, 'servers', index, 'headers', name];
          return isSecretName(name) && !fromElsewhere(path, value);
        })
        .map(([name]) => `upstream.groups.${group}.servers[${index}].headers.${name}`),
    ),
  );
}
