import { IsBoolean, IsIn, IsOptional, IsString } from 'class-validator';

import { Doc, NestedMap } from '../../config/index.js';

/** What the holder of one certificate may be. */
export class CertificateConfig {
  @Doc('The roles that the holder has.')
  @IsString({ each: true })
  readonly roles: readonly string[] = [];

  @Doc('The tenant that the holder belongs to.')
  @IsOptional()
  @IsString()
  readonly tenant: string | undefined = undefined;
}

/** `[security.auth.mtls]` */
export class MtlsConfig {
  @Doc('Whether client certificates that the TLS layer verified say who somebody is.')
  @IsBoolean()
  readonly enabled: boolean = false;

  @Doc('Where in the certificate the subject stands: its common name, or its first alternative name of a kind.')
  @IsIn(['cn', 'uri', 'dns'])
  readonly subject: 'cn' | 'uri' | 'dns' = 'cn';

  @Doc('Whether only the subjects that are listed below come in. Else every certificate of the client CA does.')
  @IsBoolean()
  readonly listedOnly: boolean = false;

  @Doc('What is known of the holders, by subject: `[security.auth.mtls.subjects."spiffe://example/ci"]`.')
  @NestedMap(() => CertificateConfig)
  readonly subjects: Readonly<Record<string, CertificateConfig>> = {};
}
