import { IsBoolean, IsIn, IsString, Matches } from 'class-validator';

import { Doc, IsDuration, Section } from '../../config/index.js';

export const HSTS = ['off', 'tls', 'proxy'] as const;
export const FRAME_OPTIONS = ['off', 'deny', 'sameorigin'] as const;
const PRINTABLE = { message: 'must be one line of printable ASCII' };

const DAY_MS = 86_400_000;

/** Headers that tell browsers what not to do with answers of the gateway. */
@Section('security.headers')
export class HeadersSection {
  @Doc('Whether answers over HTTP carry security headers.')
  @IsBoolean()
  readonly enabled: boolean = true;

  @Doc(
    'When browsers are told to come by https only (`Strict-Transport-Security`): off, tls where the gateway itself speaks it, or proxy, where a trusted proxy says so too. Never to those who address it as localhost or by a loopback address.',
  )
  @IsIn(HSTS)
  readonly hsts: (typeof HSTS)[number] = 'tls';

  @Doc('How long browsers remember that.')
  @IsDuration({ min: 1_000, max: 10 * 365 * DAY_MS })
  readonly hstsMaxAge: number = 180 * DAY_MS;

  @Doc('Whether it holds for names below that of the gateway too.')
  @IsBoolean()
  readonly hstsIncludeSubdomains: boolean = false;

  @Doc('Whether browsers are kept from guessing what an answer is (`X-Content-Type-Options: nosniff`).')
  @IsBoolean()
  readonly contentTypeOptions: boolean = true;

  @Doc('Who may put an answer into a frame (`X-Frame-Options`): deny, sameorigin, or off for no such header.')
  @IsIn(FRAME_OPTIONS)
  readonly frameOptions: (typeof FRAME_OPTIONS)[number] = 'deny';

  @Doc('`Referrer-Policy`; empty for none.')
  @IsString()
  @Matches(/^[a-z, -]*$/, { message: 'must be a referrer policy, such as no-referrer' })
  readonly referrerPolicy: string = 'no-referrer';

  @Doc('`Content-Security-Policy`; empty for none. Nothing that the gateway says is a page.')
  @IsString()
  @Matches(/^[\x20-\x7e]*$/, PRINTABLE)
  readonly contentSecurityPolicy: string = "default-src 'none'; frame-ancestors 'none'";
}
