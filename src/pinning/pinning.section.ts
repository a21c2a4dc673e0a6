import { IsBoolean, IsOptional, IsString, MinLength } from 'class-validator';

import { Doc, Section } from '../config/index.js';

/** Tools are compared with what somebody approved. */
@Section('security.pinning')
export class PinningSection {
  @Doc(
    'Whether tools are compared with those that were approved. Left out: they are where the file exists, and where any group says `on_drift = "hide"` or `"keep"`.',
    { example: true },
  )
  @IsOptional()
  @IsBoolean()
  readonly enabled: boolean | undefined = undefined;

  @Doc(
    'The approved tools, as `mcp-gateway lock --approve` writes them; relative to the configuration file. It is read again whenever it changes.',
  )
  @IsString()
  @MinLength(1)
  readonly file: string = 'mcp.lock';
}
