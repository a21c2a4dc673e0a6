import { Module } from '@nestjs/common';

import { AuthModule } from '../auth.module.js';
import { MetadataController } from './metadata.controller.js';

/** What is published of the gateway as an OAuth resource. Expects a `TopologyView` and a `MetadataGate` from modules that are global. */
@Module({ imports: [AuthModule], controllers: [MetadataController] })
export class OAuthModule {}
