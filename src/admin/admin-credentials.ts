import { Injectable, type OnModuleInit } from '@nestjs/common';

import { ADMIN_DESTINATION, AuthMethod, AuthSection, MethodChoice } from '../auth/index.js';
import { ConfigService, type ConfigSnapshot } from '../config/index.js';
import type { Principal } from '../core/principal.js';
import { Extensions } from '../extension/index.js';
import { type AdminRole, roleOf } from './admin-role.js';
import { AdminSection } from './admin.section.js';

/**
 * The credentials of the admin API: the auth methods that everybody uses, but instances of their own, which know the
 * keys and users of [admin] alone. Tokens are those of [security.auth.jwt], where [admin.jwt_roles] takes any.
 */
@Injectable()
export class AdminCredentials implements OnModuleInit {
  private readonly known = new Map<string, AuthMethod>();
  private inForce: ReadonlyMap<string, AuthMethod> = new Map();

  constructor(
    private readonly config: ConfigService,
    private readonly extensions: Extensions,
    private readonly choice: MethodChoice,
  ) {}

  async onModuleInit(): Promise<void> {
    for (const name of ['jwt', 'api_key', 'basic']) {
      this.known.set(name, await this.extensions.create(AuthMethod, name));
    }
    this.apply(this.config.snapshot);
    this.config.changes.subscribe(({ next }) => this.apply(next));
    this.choice.reserve(ADMIN_DESTINATION, this);
  }

  get methods(): ReadonlyMap<string, AuthMethod> {
    return this.inForce;
  }

  /** Whether there is any: else being on this machine is the credential. */
  get exist(): boolean {
    return this.inForce.size > 0;
  }

  /** What somebody who showed one of them may do; undefined for nothing. */
  roleOf(principal: Principal): AdminRole | undefined {
    return roleOf(principal, this.config.get(AdminSection).jwtRoles);
  }

  private apply(config: ConfigSnapshot): void {
    const section = ownSection(config);
    for (const method of this.known.values()) method.apply(section);
    const used: Readonly<Record<string, boolean>> = {
      jwt: Object.keys(config.get(AdminSection).jwtRoles).length > 0,
      api_key: section.apiKeys.length > 0,
      basic: section.users.length > 0,
    };
    this.inForce = new Map([...this.known].filter(([name]) => used[name]));
  }
}

/** What [admin] says, in the words of [security.auth]. */
function ownSection(config: ConfigSnapshot): AuthSection {
  const { jwtSecret, jwt } = config.get(AuthSection);
  const { apiKeys, users } = config.get(AdminSection);
  return Object.assign(new AuthSection(), {
    enabled: true,
    jwtSecret,
    jwt,
    apiKeys: apiKeys.map(({ role, ...key }) => ({ ...key, roles: [role], scopes: [], tenant: undefined })),
    users: users.map(({ role, ...user }) => ({ ...user, roles: [role], tenant: undefined })),
  });
}
