import { IsBoolean, IsOptional, IsString, IsUrl } from 'class-validator';

import { Doc, Section } from '../config/index.js';

/** By which names and from which pages the gateway may be used. */
@Section('security')
export class SecuritySection {
  @Doc('Whether the gateway may listen on an address that others can reach although nobody has to say who they are.')
  @IsBoolean()
  readonly allowAnonymous: boolean = false;

  @Doc(
    'Names that a request may address the gateway by (`Host`), with or without a port. On a loopback address the loopback names are always allowed; elsewhere nothing is checked while this and `public_url` are left out.',
  )
  @IsString({ each: true })
  readonly allowedHosts: readonly string[] = [];

  @Doc('Web origins whose pages may use the gateway, written exactly as browsers send them: `https://app.example.com`.')
  @IsString({ each: true })
  readonly allowedOrigins: readonly string[] = [];

  @Doc('The URL under which clients reach the gateway, when it is behind a proxy.')
  @IsOptional()
  @IsString()
  @IsUrl({ require_tld: false, protocols: ['http', 'https'], require_protocol: true })
  readonly publicUrl: string | undefined = undefined;
}
