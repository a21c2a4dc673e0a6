import { IsBoolean, IsIn, IsInt, IsOptional, IsString, Matches, Max, Min, MinLength } from 'class-validator';

import { Doc, Section } from '../config/index.js';

export const DATA_POLICIES = ['none', 'denied', 'all'] as const;
export const ARGUMENT_POLICIES = ['digest', 'none', 'full'] as const;

/** What is recorded of who did what, and where. */
@Section('audit')
export class AuditSection {
  @Doc('Whether an audit log is written: who did what, on which object, from where, and how it ended.')
  @IsBoolean()
  readonly enabled: boolean = false;

  @Doc(
    'File that lines of JSON are appended to, from `/`. It is created for its owner alone (0600), and belongs to one process.',
    { example: '/var/log/mcp-gateway/audit.jsonl' },
  )
  @IsOptional()
  @IsString()
  @Matches(/^\/[^\0]*[^/\0]$/, { message: 'must be a path that begins with / and names a file' })
  readonly file: string | undefined = undefined;

  @Doc(
    'Which requests of clients are recorded: `none`, `denied` (those that somebody was kept from), `all`. What is done by the admin API, who logs in, and what becomes of the configuration is always recorded.',
  )
  @IsIn(DATA_POLICIES)
  readonly data: (typeof DATA_POLICIES)[number] = 'denied';

  @Doc('Whether lists and pings are recorded too, where `data` is `all`.')
  @IsBoolean()
  readonly lists: boolean = false;

  @Doc(
    'What is recorded of the arguments of a request: `digest` (their SHA-256), `none`, or `full`: then whatever clients send stands in the file.',
  )
  @IsIn(ARGUMENT_POLICIES)
  readonly arguments: (typeof ARGUMENT_POLICIES)[number] = 'digest';

  @Doc(
    'Secret of at least 32 characters that the lines are chained with, so that whoever can write the file cannot forge it: `"${AUDIT_KEY}"` or `"${file:/run/secrets/audit}"`. Without it the chain shows accidents and clumsy hands only.',
  )
  @IsOptional()
  @IsString()
  @MinLength(32)
  readonly hmacKey: string | undefined = undefined;

  @Doc(
    'When what was written is forced to the disk: `interval` (each second), or `always` (after each batch of lines).',
  )
  @IsIn(['interval', 'always'])
  readonly fsync: 'interval' | 'always' = 'interval';

  @Doc(
    'Bytes after which the file is set aside under the number of its last line, and a new one goes on with the chain.',
  )
  @IsInt()
  @Min(4_096)
  @Max(17_179_869_184)
  readonly maxFileBytes: number = 100 * 1_024 * 1_024;

  @Doc('How many records may wait to be written. Beyond that they are lost, which is counted, logged and recorded.')
  @IsInt()
  @Min(64)
  @Max(1_000_000)
  readonly maxQueue: number = 10_000;

  @Doc(
    'What happens while the file cannot be written: `continue` with a loud log, or `refuse` changes by the admin API and, where `data` is `all`, every request of clients.',
  )
  @IsIn(['continue', 'refuse'])
  readonly onFailure: 'continue' | 'refuse' = 'continue';
}
