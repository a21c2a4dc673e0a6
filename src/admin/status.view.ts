import { ApiProperty } from './description.js';

/** The gateway as a whole. */
export class GatewayStatus {
  @ApiProperty({ description: '`[gateway] name`' })
  readonly name!: string;

  @ApiProperty({ description: 'Version of the gateway.' })
  readonly version!: string;

  @ApiProperty({ description: '`[gateway] environment`' })
  readonly environment!: string;

  @ApiProperty({ description: 'Version of Node.js.' })
  readonly node_version!: string;

  @ApiProperty({ type: 'integer', description: 'Generation of the running configuration; 0 before the first.' })
  readonly generation!: number;

  @ApiProperty({ type: 'integer', description: 'Seconds since the start.' })
  readonly uptime_seconds!: number;

  @ApiProperty({ description: 'Whether it is stopping: no new work is taken.' })
  readonly draining!: boolean;

  @ApiProperty({ type: 'integer', description: 'Downstream connections that are open.' })
  readonly connections!: number;

  @ApiProperty({ type: 'integer', description: 'Upstream groups.' })
  readonly groups!: number;

  @ApiProperty({ type: 'integer', description: 'Upstream servers of all groups.' })
  readonly servers!: number;

  @ApiProperty({ type: 'integer', description: 'Upstream servers that are up.' })
  readonly servers_up!: number;

  @ApiProperty({ type: 'integer', description: 'Requests answered since the start.' })
  readonly requests_total!: number;

  @ApiProperty({ type: 'integer', description: 'Those of them whose status was 500 or more.' })
  readonly requests_failed!: number;
}
