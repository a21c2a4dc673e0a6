import { IsInt, IsString, Max, Min } from 'class-validator';

import { Doc, IsDuration, Section } from '../config/index.js';

/** What the gateway asks for by itself, beside the data path: tokens, keys, metadata. */
@Section('outbound')
export class OutboundSection {
  @Doc(
    'Networks (CIDR) that may be asked for although they are not public: loopback, private, link-local and all other special addresses are refused unless they stand here. It concerns addresses that others name, not those that stand in this file. Plain http is only ever spoken to loopback addresses that stand here.',
  )
  @IsString({ each: true })
  readonly allowedNetworks: readonly string[] = [];

  @Doc('How long one request may take, from finding the address to the last byte of the answer.')
  @IsDuration({ min: 1 })
  readonly timeout: number = 5_000;

  @Doc('Longest answer that is read, in bytes.')
  @IsInt()
  @Min(1_024)
  @Max(16_777_216)
  readonly maxBytes: number = 1_048_576;
}
