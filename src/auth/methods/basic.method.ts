import { isSameGrant, type Principal, principalOf } from '../../core/principal.js';
import { subnetOf } from '../../core/subnet.js';
import { AuthMethod } from '../auth-method.js';
import { AuthRefusal } from '../auth-refusal.js';
import type { AuthSection } from '../auth.section.js';
import type { Credentials, Destination } from '../credentials.js';
import { parseBasic } from '../passwords/basic-credentials.js';
import { PasswordCheck } from '../passwords/password-check.js';
import { parsePasswordHash, type PasswordHash } from '../passwords/password-hash.js';
import { basicToken } from './scheme-token.js';

interface User {
  readonly hash: PasswordHash;
  /** As it is written. */
  readonly text: string;
  readonly principal: Principal;
}

/** The hashes, as they are written, that the passwords of principals were compared with. */
const hashes = new WeakMap<Principal, string>();

/** Names and passwords by HTTP Basic. */
@AuthMethod({
  name: 'basic',
  scheme: 'Basic',
  parameters: { realm: 'mcp-gateway', charset: 'UTF-8' },
  isConfigured: ({ users }) => users.length > 0,
})
export class BasicMethod implements AuthMethod {
  private users: ReadonlyMap<string, User> = new Map();
  /** Compared with when nobody has the name, so that this takes as long. */
  private nobody: PasswordHash | undefined;

  constructor(private readonly passwords: PasswordCheck) {}

  apply({ users }: AuthSection): void {
    const known = new Map<string, User>();
    for (const { name, passwordHash, roles, tenant } of users) {
      const hash = parsePasswordHash(passwordHash);
      if (!hash) continue;
      const principal = principalOf({ method: 'basic', subject: name, roles, tenant });
      hashes.set(principal, passwordHash);
      known.set(name, { hash, text: passwordHash, principal });
    }
    this.users = known;
    this.nobody = known.values().next().value?.hash;
  }

  credentialOf({ headers }: Credentials): string | undefined {
    return basicToken(headers['authorization']);
  }

  async verify(credential: string, _request: Credentials, { clientAddress }: Destination): Promise<Principal> {
    const said = parseBasic(credential);
    if (!said || !this.nobody) throw new AuthRefusal('malformed');
    const user = this.users.get(said.name);
    const good = await this.passwords.matches(said.password, user?.hash ?? this.nobody, subnetOf(clientAddress));
    if (!user) throw new AuthRefusal('unknown');
    if (!good) throw new AuthRefusal('password');
    return user.principal;
  }

  stands(principal: Principal): boolean {
    const user = this.users.get(principal.subject);
    return user !== undefined && isSameGrant(user.principal, principal) && user.text === hashes.get(principal);
  }

  claimantOf(credential: string): string | undefined {
    return parseBasic(credential)?.name;
  }
}
