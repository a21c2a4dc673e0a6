import { ApiProperty } from './description.js';

export class ApiErrorDetail {
  @ApiProperty({ description: 'Stable name of the failure.', example: 'upstream_unknown' })
  readonly code!: string;

  @ApiProperty({ description: 'For people.' })
  readonly message!: string;
}

/** What every failure of the admin API looks like. */
export class ApiError {
  @ApiProperty({ type: ApiErrorDetail, description: 'What went wrong.' })
  readonly error!: ApiErrorDetail;
}
