import { Module } from '@nestjs/common';

import { ArgumentSchemas } from './arguments/argument-schemas.js';
import { ArgumentsCheck } from './arguments/arguments.check.js';
import { ArgumentsFilter } from './arguments/arguments.filter.js';

/** Filters that need no module of their own. */
@Module({ providers: [ArgumentSchemas, ArgumentsCheck, ArgumentsFilter] })
export class FiltersModule {}
