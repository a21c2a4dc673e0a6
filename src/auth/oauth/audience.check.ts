import type { ConfigProblem } from '../../config/index.js';
import type { AuthSection } from '../auth.section.js';
import type { OAuthSection } from './oauth.section.js';

const MESSAGE = 'is required where no authorization_servers stand in [security.auth.oauth]: whose tokens are for us?';

/** Issuers whose tokens nobody would ask for whom they are. */
export function checkAudiences({ jwt }: AuthSection, { authorizationServers }: OAuthSection): ConfigProblem[] {
  if (authorizationServers.length > 0) return [];
  return jwt.issuers.flatMap(({ audience }, index) =>
    audience.length > 0 ? [] : [{ key: `security.auth.jwt.issuers[${index}].audience`, message: MESSAGE }],
  );
}
