import { IsBoolean, IsInt, IsString, Matches, Max, Min } from 'class-validator';

import { Doc, Section } from '../config/index.js';

@Section('metrics', { restart: true })
export class MetricsSection {
  @Doc('Whether Prometheus metrics are served.')
  @IsBoolean()
  readonly enabled: boolean = true;

  @Doc('Address that metrics are served on. Every host that can reach it can read them: there is no login.')
  @IsString()
  readonly host: string = '127.0.0.1';

  @Doc('Port that metrics are served on. 0 takes a free one.')
  @IsInt()
  @Min(0)
  @Max(65_535)
  readonly port: number = 9_090;

  @Doc(
    'Whether metrics are served over https, with the certificate of [server.tls] and what it asks of clients: `client_auth = "require"` there keeps everybody out who has no certificate.',
  )
  @IsBoolean()
  readonly tls: boolean = false;

  @Doc('Path that metrics are served at.')
  @Matches(/^\/[\w./-]*$/, { message: 'must be a path such as /metrics' })
  readonly path: string = '/metrics';
}
