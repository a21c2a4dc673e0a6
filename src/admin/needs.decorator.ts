import { Reflector } from '@nestjs/core';

import type { AdminRole } from './admin-role.js';

/**
 * Which role a handler needs. What says nothing needs `admin`, so that nothing is open that somebody forgot to
 * think about.
 */
export const Needs = Reflector.createDecorator<AdminRole>();
