import { ArrayMaxSize, IsString } from 'class-validator';

import { Doc } from '../../config/index.js';

/** `[security.auth.routes.NAME]`: how one route asks who is there. */
export class RouteAuthConfig {
  @Doc('The auth methods of this route. Empty: those of `[security.auth]`.')
  @IsString({ each: true })
  readonly methods: readonly string[] = [];

  @Doc(
    'Scopes that a credential must have been issued for, all of them, whatever is asked of the route. A method that knows no scopes opens no such route.',
  )
  @IsString({ each: true })
  @ArrayMaxSize(64)
  readonly scopes: readonly string[] = [];
}
