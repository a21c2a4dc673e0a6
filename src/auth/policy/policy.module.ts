import { Global, Module } from '@nestjs/common';

import { ACCESS_CONTROL } from '../../core/access.js';
import { PipelineModule } from '../../pipeline/index.js';
import { Policies } from './policies.js';
import { PolicyFilter } from './policy.filter.js';

/** Who may see and use what. Global, because routing sees it only by its token. */
@Global()
@Module({
  imports: [PipelineModule],
  providers: [Policies, PolicyFilter, { provide: ACCESS_CONTROL, useExisting: Policies }],
  exports: [ACCESS_CONTROL],
})
export class PolicyModule {}
