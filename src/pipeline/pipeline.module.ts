import { Module } from '@nestjs/common';

import { ChainBuilder } from './chain-builder.js';

/** Builds the filter chains of routes. */
@Module({ providers: [ChainBuilder], exports: [ChainBuilder] })
export class PipelineModule {}
