import { IsIn, IsOptional, IsString, MinLength } from 'class-validator';

import { Doc, Section } from '../../config/index.js';

export const CLIENT_AUTH = ['none', 'request', 'require'] as const;
export const TLS_VERSIONS = ['1.2', '1.3'] as const;

/** TLS of the listeners, and the certificate that all of them show. */
@Section('server.tls')
export class TlsSection {
  @Doc(
    'Certificate of the gateway, and those between it and its authority, as PEM. With it the port speaks https and wss alone. The file is watched: a new one is used for new connections.',
  )
  @IsOptional()
  @IsString()
  @MinLength(1)
  readonly certFile: string | undefined = undefined;

  @Doc('Private key of that certificate, as PEM.')
  @IsOptional()
  @IsString()
  @MinLength(1)
  readonly keyFile: string | undefined = undefined;

  @Doc('What the private key is encrypted with, if it is: `"${TLS_KEY_PASSPHRASE}"`.')
  @IsOptional()
  @IsString()
  readonly keyPassphrase: string | undefined = undefined;

  @Doc('Authorities whose client certificates are believed, as PEM. Watched like the certificate.')
  @IsOptional()
  @IsString()
  @MinLength(1)
  readonly clientCaFile: string | undefined = undefined;

  @Doc(
    'Whether clients are asked for a certificate: none; request, which lets in those without one too; or require, which ends the connection of all others.',
  )
  @IsIn(CLIENT_AUTH)
  readonly clientAuth: (typeof CLIENT_AUTH)[number] = 'none';

  @Doc('Lowest version of TLS that is spoken.')
  @IsIn(TLS_VERSIONS)
  readonly minVersion: (typeof TLS_VERSIONS)[number] = '1.2';

  @Doc('Cipher suites, as OpenSSL names them and with colons between them. Left out: those of Node.')
  @IsOptional()
  @IsString()
  @MinLength(1)
  readonly ciphers: string | undefined = undefined;
}
