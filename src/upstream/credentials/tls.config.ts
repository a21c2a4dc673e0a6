import { IsIn, IsOptional, IsString } from 'class-validator';

import { Doc } from '../../config/index.js';

/** Oldest versions of TLS that may be agreed on. */
export const TLS_VERSIONS = ['1.2', '1.3'] as const;
export type TlsVersion = (typeof TLS_VERSIONS)[number];

/** `[upstream.groups.NAME.servers.tls]` */
export class ServerTlsConfig {
  @Doc('Certificates (PEM) of the authorities that vouch for the server, in the place of those of the system.')
  @IsOptional()
  @IsString()
  readonly caFile: string | undefined = undefined;

  @Doc('Certificate (PEM) that the gateway shows the server, with those between it and its authority.')
  @IsOptional()
  @IsString()
  readonly certFile: string | undefined = undefined;

  @Doc('Private key (PEM) of that certificate.')
  @IsOptional()
  @IsString()
  readonly keyFile: string | undefined = undefined;

  @Doc('The name that the server’s certificate has to be for. Left out: the host of its URL.')
  @IsOptional()
  @IsString()
  readonly serverName: string | undefined = undefined;

  @Doc('Oldest version of TLS that is spoken with the server.')
  @IsIn(TLS_VERSIONS)
  readonly minVersion: TlsVersion = '1.2';
}
