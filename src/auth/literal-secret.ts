import type { ConfigSnapshot } from '../config/index.js';
import { AuthSection } from './auth.section.js';

const PATH = ['security', 'auth', 'jwt_secret'];

/** Whether the secret of tokens stands in the configuration file itself, where everybody reads it who reads the file. */
export function isSecretLiteral(config: ConfigSnapshot): boolean {
  if (config.get(AuthSection).jwtSecret === undefined) return false;
  const { secretPaths, locate } = config.provenance;
  return !secretPaths.has(JSON.stringify(PATH)) && locate(PATH.join('.')).line !== undefined;
}
