import { IsOptional, IsString, Matches } from 'class-validator';

import { Doc } from '../../config/index.js';

/** Somebody with a password. */
export class UserConfig {
  @Doc('The name to sign in with, and the subject of the principal.', { example: 'ada' })
  // RFC 7617, section 2: a colon would end the name.
  @Matches(/^[^:\p{Cc}]{1,128}$/u, { message: 'name must be 1 to 128 characters without a colon' })
  readonly name!: string;

  @Doc(
    'The password as scrypt (`$scrypt$ln=15,r=8,p=1$…`, from `mcp-gateway keys hash --scrypt`) or bcrypt (`$2b$12$…`).',
  )
  @IsString()
  readonly passwordHash!: string;

  @Doc('The roles that the user has.')
  @IsString({ each: true })
  readonly roles: readonly string[] = [];

  @Doc('The tenant that the user belongs to.')
  @IsOptional()
  @IsString()
  readonly tenant: string | undefined = undefined;
}
