import { IsBoolean, IsIn, IsInt, IsOptional, IsString, Matches, Max, Min, MinLength } from 'class-validator';

import { CountOr, Doc, IsDuration, Section } from '../config/index.js';

export const FORWARDED_HEADERS = ['x-forwarded-for', 'forwarded'] as const;

@Section('server', { restart: true })
export class ServerSection {
  @Doc('Address to listen on. Anything but loopback needs authentication, or `allow_anonymous` in [security].')
  @IsString()
  @MinLength(1)
  readonly host: string = '127.0.0.1';

  @Doc('Port to listen on, for WebSocket and HTTP alike. 0 takes any free one.')
  @IsInt()
  @Min(0)
  @Max(65_535)
  readonly port: number = 8080;

  @Doc(
    'How many processes serve: a number, or "auto" for as many as there are processors to use. With more than one, another one starts and supervises them. What is limited here is limited for each of them.',
  )
  @CountOr('auto', { min: 1, max: 1_024 })
  readonly workers: number | 'auto' = 1;

  @Doc(
    'Path of a unix socket to listen on as well, from `/`: one JSON-RPC message a line, all groups. Whoever may open the file may use the gateway.',
  )
  @IsOptional()
  @IsString()
  @Matches(/^\/[^\0]+$/, { message: 'must be a path that begins with /' })
  readonly unixSocket: string | undefined = undefined;

  @Doc('Permissions of that socket, as octal digits: `"0600"` is for the same user alone, `"0660"` for the group too.')
  @IsString()
  @Matches(/^0?[0-7]{3}$/, { message: 'must be three octal digits, such as "0600"' })
  readonly unixSocketMode: string = '0600';

  @Doc(
    'How many downstream connections may be open at once. Fewer, and a warning, where the process may not open 512 files more than that (`ulimit -n`).',
  )
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly maxConnections: number = 10_000;

  @Doc('How long an HTTP connection may be idle between two requests.')
  @IsDuration({ min: 1_000 })
  readonly keepaliveTimeout: number = 65_000;

  @Doc('How long a stop waits for what is in flight.')
  @IsDuration()
  readonly shutdownTimeout: number = 30_000;

  @Doc(
    'How long the headers of an HTTP request, or the first message of a connection that is a session, may take to arrive.',
  )
  @IsDuration({ min: 1_000 })
  readonly headersTimeout: number = 10_000;

  @Doc('How long a whole HTTP request may take to arrive.')
  @IsDuration({ min: 1_000 })
  readonly requestTimeout: number = 30_000;

  @Doc('Longest message taken from a downstream, in bytes: an HTTP body, a WebSocket message or a line.')
  @IsInt()
  @Min(1_024)
  @Max(1_073_741_824)
  readonly maxBodyBytes: number = 4 * 1_024 * 1_024;

  @Doc('How deep the JSON of a message may be nested.')
  @IsInt()
  @Min(8)
  @Max(512)
  readonly maxDepth: number = 64;

  @Doc('How many members one JSON object of a message may have.')
  @IsInt()
  @Min(64)
  @Max(1_000_000)
  readonly maxKeys: number = 10_000;

  @Doc('Requests of one session that may wait for their reply at once.')
  @IsInt()
  @Min(1)
  @Max(65_536)
  readonly maxInFlight: number = 64;

  @Doc(
    'Requests without a session (2026-07-28 over HTTP) of one principal that may wait for their reply at once, where it had to say who it is.',
  )
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly maxInFlightPerPrincipal: number = 1_024;

  @Doc('Bytes waiting for a slow client from which on nothing more is read from it, nor for it from the servers.')
  @IsInt()
  @Min(16_384)
  @Max(1_073_741_824)
  readonly queueSoftBytes: number = 1_024 * 1_024;

  @Doc('Bytes waiting for a slow client beyond which it is disconnected.')
  @IsInt()
  @Min(65_536)
  @Max(1_073_741_824)
  readonly queueHardBytes: number = 16 * 1_024 * 1_024;

  @Doc(
    'How often a WebSocket client is pinged, and a client over a unix socket is expected to have taken some of what waits for it. One that fails two times in a row is disconnected. Over SSE it is every 15 seconds.',
  )
  @IsDuration({ min: 1_000 })
  readonly pingInterval: number = 30_000;

  @Doc(
    'Proxies that are believed what they say of the client: addresses, or ranges such as `10.0.0.0/8`. Nobody else is. Left out: the client is whoever made the connection.',
  )
  @IsString({ each: true })
  readonly trustedProxies: readonly string[] = [];

  @Doc(
    'Header in which those proxies tell the address of the client: x-forwarded-for (and x-forwarded-proto), or forwarded (RFC 7239). The other is not read, because a proxy that does not write it hands on what the client wrote.',
  )
  @IsIn(FORWARDED_HEADERS)
  readonly forwardedHeader: (typeof FORWARDED_HEADERS)[number] = 'x-forwarded-for';

  @Doc(
    'Whether connections of trusted proxies begin with a PROXY header, of version 1 or 2. Those without are closed then.',
  )
  @IsBoolean()
  readonly proxyProtocol: boolean = false;
}
