import { IsString } from 'class-validator';

import { Doc } from '../../config/index.js';

/** `[security.auth.routes.NAME]`: how one route asks who is there. */
export class RouteAuthConfig {
  @Doc('The auth methods of this route. Empty: those of `[security.auth]`.')
  @IsString({ each: true })
  readonly methods: readonly string[] = [];
}
