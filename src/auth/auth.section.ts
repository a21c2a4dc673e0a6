import { IsBoolean, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';

import { Doc, Nested, NestedList, NestedMap, Section } from '../config/index.js';
import { ApiKeyConfig } from './section/api-key.shape.js';
import { JwtConfig } from './section/jwt.shape.js';
import { MtlsConfig } from './section/mtls.shape.js';
import { RouteAuthConfig } from './section/route-auth.shape.js';
import { UserConfig } from './section/user.shape.js';

/** Who has to say who they are, and how. */
@Section('security.auth')
export class AuthSection {
  @Doc('Whether whoever comes in has to say who they are.')
  @IsBoolean()
  readonly enabled: boolean = false;

  @Doc(
    'The secret that tokens are signed with (HS256), of at least 32 bytes: `"${JWT_SECRET}"` or `"${file:/run/secrets/jwt}"`; also `MCP_GATEWAY_JWT_SECRET`.',
  )
  @IsOptional()
  @IsString()
  readonly jwtSecret: string | undefined = undefined;

  @Doc(
    'The auth methods that are taken, in the order in which they are looked for: `jwt`, `api_key`, `basic`, `mtls`; `anonymous` at the end lets in whoever shows nothing. Empty: all that are configured.',
  )
  @IsString({ each: true })
  readonly methods: readonly string[] = [];

  @Doc('How many bad credentials an address, and whoever they claim to be of, may show in a minute before 429.')
  @IsInt()
  @Min(1)
  @Max(10_000)
  readonly failedPerMinute: number = 10;

  @Doc('How many verified credentials are remembered, each for a minute at most.')
  @IsInt()
  @Min(16)
  @Max(1_000_000)
  readonly maxRemembered: number = 10_000;

  @Doc('A file with more API keys, in TOML or JSON, that is followed while the gateway runs.')
  @IsOptional()
  @IsString()
  readonly apiKeysFile: string | undefined = undefined;

  @Doc('Options of auth methods that are not built in, by name.')
  @IsOptional()
  readonly options: Readonly<Record<string, unknown>> | undefined = undefined;

  @Doc('How tokens are read.')
  @Nested(() => JwtConfig)
  readonly jwt: JwtConfig = new JwtConfig();

  @Doc('Client certificates.')
  @Nested(() => MtlsConfig)
  readonly mtls: MtlsConfig = new MtlsConfig();

  @Doc('API keys, sent as `X-API-Key`.')
  @NestedList(() => ApiKeyConfig)
  readonly apiKeys: readonly ApiKeyConfig[] = [];

  @Doc('Users with passwords, sent by HTTP Basic.')
  @NestedList(() => UserConfig)
  readonly users: readonly UserConfig[] = [];

  @Doc('Routes that ask in another way: `mcp`, or the name of a group. The admin API asks by what [admin] says.')
  @NestedMap(() => RouteAuthConfig, { names: /^[a-z][a-z0-9-]{0,31}$/ })
  readonly routes: Readonly<Record<string, RouteAuthConfig>> = {};
}
