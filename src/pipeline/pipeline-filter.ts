import type { Filter, Phase } from '../core/filter.js';
import { defineExtensionPoint, type ExtensionTraits } from '../extension/index.js';

/** What a filter says about itself. */
export interface PipelineFilterTraits extends ExtensionTraits {
  /** Where in a chain it stands. */
  readonly phase: Phase;
  /** It stands in every chain, without being named: for what the gateway itself has to see. */
  readonly always?: true;
}

/** Makes a class nameable as a filter of a route. */
export const PipelineFilter = defineExtensionPoint<Filter, PipelineFilterTraits>('filter');
