import { IsBoolean, IsIn, IsInt, IsISO8601, IsOptional, IsString, Matches, Max, Min, MinLength } from 'class-validator';

import { Doc, NestedList, Section, StringMap } from '../config/index.js';
import { ADMIN_ROLES, type AdminRole } from './admin-role.js';

const ROLE =
  'What its holder may do: `viewer` sees, `operator` also acts on what runs, `admin` also on the configuration.';

/** An API key of the admin API, of which only the digest is known. */
export class AdminKeyConfig {
  @Doc('Who holds the key, for the audit log.', { example: 'deploy' })
  @Matches(/^[\w.@:/-]{1,128}$/, { message: 'name must be 1 to 128 letters, digits or any of . _ @ : / -' })
  readonly name!: string;

  @Doc('The SHA-256 of the key as 64 hexadecimal digits: `mcp-gateway keys new NAME` makes a key and prints it.')
  @Matches(/^[0-9a-f]{64}$/i, { message: 'sha256 must be 64 hexadecimal digits; `mcp-gateway keys hash` makes them' })
  readonly sha256!: string;

  @Doc(ROLE)
  @IsIn(ADMIN_ROLES)
  readonly role!: AdminRole;

  @Doc('When the key ends: `"2027-01-31"` or `"2027-01-31T12:00:00Z"`. Never, where it is left out.')
  @IsOptional()
  @IsString()
  @IsISO8601({ strict: true })
  readonly expires: string | undefined = undefined;
}

/** Somebody with a password for the admin API. */
export class AdminUserConfig {
  @Doc('The name to sign in with (HTTP Basic).', { example: 'ada' })
  @Matches(/^[^:\p{Cc}]{1,128}$/u, { message: 'name must be 1 to 128 characters without a colon' })
  readonly name!: string;

  @Doc('The password as scrypt (`mcp-gateway keys hash --scrypt`) or bcrypt (`$2b$12$…`).')
  @IsString()
  readonly passwordHash!: string;

  @Doc(ROLE)
  @IsIn(ADMIN_ROLES)
  readonly role!: AdminRole;
}

/** Who may use the admin API, and where it is. */
@Section('admin')
export class AdminSection {
  @Doc(
    'Whether /api/v1 is served. Without a credential of its own (`api_keys`, `users`, `jwt_roles`) it is there only on loopback addresses, for everybody there.',
  )
  @IsBoolean()
  readonly enabled: boolean = true;

  @Doc(
    'Port of its own, which it is then served on alone; 0 takes any free one. Left out: the main port. Needs a restart.',
    {
      example: 9443,
    },
  )
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(65_535)
  readonly port: number | undefined = undefined;

  @Doc('Address that the port of its own is bound to. Needs a restart.')
  @IsString()
  @MinLength(1)
  readonly host: string = '127.0.0.1';

  @Doc('Whether the port of its own speaks TLS, with the certificate of [server.tls]. Needs a restart.')
  @IsBoolean()
  readonly tls: boolean = false;

  @Doc('API keys, sent as `X-API-Key`. They are good for the admin API alone.')
  @NestedList(() => AdminKeyConfig)
  readonly apiKeys: readonly AdminKeyConfig[] = [];

  @Doc('Users with passwords, sent by HTTP Basic. They are good for the admin API alone.')
  @NestedList(() => AdminUserConfig)
  readonly users: readonly AdminUserConfig[] = [];

  @Doc(
    'Roles of tokens, as [security.auth.jwt] reads them, and what their holders may do here: `"platform-team" = "admin"`. A token with none of them is refused.',
  )
  @StringMap()
  readonly jwtRoles: Readonly<Record<string, string>> = {};

  @Doc('How many requests one client may send to it in a minute; all clients together, ten times as many.')
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly requestsPerMinute: number = 300;
}

/** Whether somebody is named who may come in with a credential; else being on this machine is the credential. */
export function namesAnybody({ apiKeys, users, jwtRoles }: AdminSection): boolean {
  return apiKeys.length > 0 || users.length > 0 || Object.keys(jwtRoles).length > 0;
}
