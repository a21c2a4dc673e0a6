import { Inject, Injectable } from '@nestjs/common';

import { ACCESS_CONTROL, type AccessControl } from '../core/access.js';
import { PINS, type Pins } from '../core/pins.js';

/** Who decides what of the groups is shown: to anybody, and to whom. */
@Injectable()
export class Visibility {
  constructor(
    @Inject(PINS) readonly pins: Pins,
    @Inject(ACCESS_CONTROL) readonly access: AccessControl,
  ) {}
}
