import { IsISO8601, IsOptional, IsString, Matches } from 'class-validator';

import { Doc } from '../../config/index.js';

/** One API key, of which only the digest is known. */
export class ApiKeyConfig {
  @Doc('Who holds the key: the subject of its principal, in logs and limits.', { example: 'ci' })
  @Matches(/^[\w.@:/-]{1,128}$/, { message: 'name must be 1 to 128 letters, digits or any of . _ @ : / -' })
  readonly name!: string;

  @Doc('The SHA-256 of the key as 64 hexadecimal digits: `mcp-gateway keys new NAME` makes a key and prints it.')
  @Matches(/^[0-9a-f]{64}$/i, { message: 'sha256 must be 64 hexadecimal digits; `mcp-gateway keys hash` makes them' })
  readonly sha256!: string;

  @Doc('The roles that the holder has.')
  @IsString({ each: true })
  readonly roles: readonly string[] = [];

  @Doc('The scopes that the key is good for.')
  @IsString({ each: true })
  readonly scopes: readonly string[] = [];

  @Doc('The tenant that the holder belongs to.')
  @IsOptional()
  @IsString()
  readonly tenant: string | undefined = undefined;

  @Doc('When the key ends: `"2027-01-31"` or `"2027-01-31T12:00:00Z"`. Never, where it is left out.')
  @IsOptional()
  @IsString()
  @IsISO8601({ strict: true })
  readonly expires: string | undefined = undefined;
}
