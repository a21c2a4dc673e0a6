import { IsBoolean, Matches } from 'class-validator';

import { Doc, IsDuration, Section } from '../../config/index.js';

/** What browsers let pages of other origins send, by all revisions. */
const ALLOWED_HEADERS = [
  'Authorization',
  'Content-Type',
  'Accept',
  'MCP-Protocol-Version',
  'Mcp-Method',
  'Mcp-Name',
  'Mcp-Param-*',
  'Mcp-Session-Id',
  'Last-Event-ID',
  'X-API-Key',
  'traceparent',
  'tracestate',
];
const EXPOSED_HEADERS = [
  'Mcp-Session-Id',
  'MCP-Protocol-Version',
  'WWW-Authenticate',
  'Retry-After',
  'RateLimit',
  'RateLimit-Policy',
];

/** Pages of other origins that may use the MCP endpoints from a browser. */
@Section('security.cors')
export class CorsSection {
  @Doc(
    'Whether pages of other origins are answered as CORS wants it, on the MCP endpoints and the metadata of OAuth; never on the admin API.',
  )
  @IsBoolean()
  readonly enabled: boolean = false;

  @Doc(
    'Origins of those pages, exactly as browsers send them: `https://app.example.com`. They need not stand in `allowed_origins` of [security] too. `*` is everybody.',
  )
  @Matches(/^(?:\*|[a-z][a-z0-9+.-]*:\/\/[^/\s,*?#@]+)$/, {
    each: true,
    message: 'must be origins such as https://app.example.com, without a path, or *',
  })
  readonly allowedOrigins: readonly string[] = [];

  @Doc('Headers that those pages may send. `*` at the end of a name stands for whatever follows.')
  @Matches(/^[\w-]+\*?$/, { each: true, message: 'must be names of headers' })
  readonly allowedHeaders: readonly string[] = ALLOWED_HEADERS;

  @Doc('Headers of answers that those pages may read.')
  @Matches(/^[\w-]+$/, { each: true, message: 'must be names of headers' })
  readonly exposedHeaders: readonly string[] = EXPOSED_HEADERS;

  @Doc('How long a browser may remember what it was allowed.')
  @IsDuration()
  readonly maxAge: number = 600_000;

  @Doc('Whether browsers send what they know of the gateway along, such as client certificates. Not with `*`.')
  @IsBoolean()
  readonly allowCredentials: boolean = false;
}
