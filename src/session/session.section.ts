import { IsInt, Max, Min } from 'class-validator';

import { Doc, IsDuration, Section } from '../config/index.js';

@Section('session')
export class SessionSection {
  @Doc('How long a session may be silent before it is ended.')
  @IsDuration({ min: 1_000 })
  readonly idleTimeout: number = 30 * 60_000;

  @Doc('How long a session may live at all.')
  @IsDuration({ min: 1_000 })
  readonly maxAge: number = 24 * 60 * 60_000;

  @Doc(
    'How many sessions are kept at once. Beyond that, those silent longest are set aside until their next request, and new ones are refused only when all are busy.',
  )
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly maxSessions: number = 10_000;
}
