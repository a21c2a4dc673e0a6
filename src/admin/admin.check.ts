import { AuthSection, parsePasswordHash } from '../auth/index.js';
import type { ConfigProblem, ConfigSnapshot } from '../config/index.js';
import { isLoopbackAddress, isLoopbackHost } from '../core/loopback.js';
import { ADMIN_ROLES, isAdminRole } from './admin-role.js';
import { AdminSection, namesAnybody } from './admin.section.js';

/** What is wrong with a configuration of the admin API, beyond the shape of each value. */
export function checkAdmin(config: ConfigSnapshot): readonly ConfigProblem[] {
  const section = config.get(AdminSection);
  return [
    ...twice(section.apiKeys, 'name', 'admin.api_keys'),
    ...twice(section.apiKeys, 'sha256', 'admin.api_keys'),
    ...twice(section.users, 'name', 'admin.users'),
    ...checkHashes(section),
    ...checkRoles(section, config.get(AuthSection)),
    ...checkShared(section, config.get(AuthSection)),
    ...checkListener(section),
  ];
}

function twice<Row>(rows: readonly Row[], property: keyof Row & string, key: string): ConfigProblem[] {
  const values = rows.map((row) => String(row[property]).toLowerCase());
  return values.flatMap((value, index) =>
    values.indexOf(value) < index ? [{ key: `${key}[${index}].${property}`, message: 'stands twice' }] : [],
  );
}

function checkHashes({ users }: AdminSection): ConfigProblem[] {
  return users.flatMap(({ passwordHash }, index) =>
    parsePasswordHash(passwordHash)
      ? []
      : [
          {
            key: `admin.users[${index}].password_hash`,
            message:
              'is no scrypt or bcrypt hash, or one that takes too long; `mcp-gateway keys hash --scrypt` makes one',
          },
        ],
  );
}

function checkRoles({ jwtRoles }: AdminSection, { jwtSecret, jwt }: AuthSection): ConfigProblem[] {
  const unknown = Object.entries(jwtRoles)
    .filter(([, role]) => !isAdminRole(role))
    .map(([name]) => ({
      key: `admin.jwt_roles.${JSON.stringify(name)}`,
      message: `must be ${ADMIN_ROLES.join(', ')}`,
    }));
  const useless = Object.keys(jwtRoles).length > 0 && jwtSecret === undefined && jwt.issuers.length === 0;
  const message = 'no token can be verified: [security.auth] has neither jwt_secret nor jwt.issuers';
  return useless ? [...unknown, { key: 'admin.jwt_roles', message }] : unknown;
}

/** One key for both would be what the two are kept apart for. */
function checkShared({ apiKeys }: AdminSection, auth: AuthSection): ConfigProblem[] {
  const others = new Set(auth.apiKeys.map(({ sha256 }) => sha256.toLowerCase()));
  return apiKeys.flatMap(({ sha256 }, index) =>
    others.has(sha256.toLowerCase())
      ? [
          {
            key: `admin.api_keys[${index}].sha256`,
            message: 'is a key of [security.auth] too; make one for admins alone',
          },
        ]
      : [],
  );
}

function checkListener(section: AdminSection): ConfigProblem[] {
  const { enabled, port, host, tls } = section;
  if (!enabled) return [];
  if (port === undefined) {
    return tls
      ? [{ key: 'admin.tls', message: 'has no effect without a port of its own; the main port has [server.tls]' }]
      : [];
  }
  const exposed = !isLoopbackHost(host) && !isLoopbackAddress(host);
  return exposed && !namesAnybody(section)
    ? [
        {
          key: 'admin.host',
          message: 'can be reached from other machines: say who may come in (api_keys, users, jwt_roles)',
        },
      ]
    : [];
}
