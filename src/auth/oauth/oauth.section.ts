import { ArrayMaxSize, IsOptional, IsString, IsUrl, Matches, MaxLength } from 'class-validator';

import { Doc, Section } from '../../config/index.js';

const WEB = { require_tld: false, require_protocol: true, protocols: ['http', 'https'] };
/** RFC 6749, section 3.3. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** What clients are told of where their tokens come from (RFC 9728). */
@Section('security.auth.oauth')
export class OAuthSection {
  @Doc(
    'Issuers of the authorization servers where clients get tokens for this gateway. With one, the gateway publishes protected resource metadata, its challenges lead there, and issuers without an `audience` of their own must issue tokens for the URL of the route.',
    { example: '["https://id.example.com"]' },
  )
  @IsUrl(WEB, { each: true, message: 'each must be an http or https URL' })
  @ArrayMaxSize(16)
  readonly authorizationServers: readonly string[] = [];

  @Doc('The scopes that clients may ask for. Left out: those that the route needs.', {
    example: '["mcp:use", "crm:write"]',
  })
  @Matches(SCOPE, { each: true, message: 'a scope has no spaces, quotes or backslashes' })
  @ArrayMaxSize(256)
  readonly scopesSupported: readonly string[] = [];

  @Doc('What the gateway is called where people are asked for their consent.', { example: 'Tools of the sales team' })
  @IsOptional()
  @IsString()
  @MaxLength(256)
  readonly resourceName: string | undefined = undefined;

  @Doc('A page for developers.', { example: 'https://docs.example.com/gateway' })
  @IsOptional()
  @IsUrl(WEB)
  readonly resourceDocumentation: string | undefined = undefined;

  @Doc('A page about what the gateway does with data.')
  @IsOptional()
  @IsUrl(WEB)
  readonly resourcePolicyUri: string | undefined = undefined;

  @Doc('A page with the terms of service.')
  @IsOptional()
  @IsUrl(WEB)
  readonly resourceTosUri: string | undefined = undefined;
}
