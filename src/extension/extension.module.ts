import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';

import { Extensions } from './extensions.js';

/** Makes what the decorators of extension points mark findable by name, everywhere. */
@Global()
@Module({ imports: [DiscoveryModule], providers: [Extensions], exports: [Extensions] })
export class ExtensionModule {}
