export { ChainBuilder, type NamedFilter } from './chain-builder.js';
export { FilterChain } from './filter-chain.js';
export { PipelineModule } from './pipeline.module.js';
export { PipelineFilter, type PipelineFilterTraits } from './pipeline-filter.js';
