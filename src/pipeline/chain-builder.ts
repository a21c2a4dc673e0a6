import { Injectable } from '@nestjs/common';

import { type Filter, type Phase, PHASES, type Terminal } from '../core/filter.js';
import { Extensions } from '../extension/index.js';
import { FilterChain } from './filter-chain.js';
import { PipelineFilter } from './pipeline-filter.js';

/** A filter as configuration names it. */
export interface NamedFilter {
  readonly name: string;
  /** What stands beside the name, as it stands there. */
  readonly options?: unknown;
}

interface Placed {
  readonly phase: Phase;
  readonly filter: Filter;
}

/** Makes the chain of one route in one generation. */
@Injectable()
export class ChainBuilder {
  constructor(private readonly extensions: Extensions) {}

  /**
   * A chain of fresh filters: by phase, within a phase those that stand in every chain first, then in the
   * order in which they are named.
   *
   * @throws `config_invalid` for an unknown name or wrong options
   */
  async build(named: readonly NamedFilter[], terminal: Terminal): Promise<FilterChain> {
    const placed = await Promise.all([...this.unnamed(named), ...named].map((filter) => this.place(filter)));
    const inOrder = placed.toSorted((a, b) => PHASES.indexOf(a.phase) - PHASES.indexOf(b.phase));
    return new FilterChain(
      inOrder.map(({ filter }) => filter).filter((filter) => filter.idle !== true),
      terminal,
    );
  }

  /** Filters that stand in every chain, but for those that configuration names itself, with options of its own. */
  private unnamed(named: readonly NamedFilter[]): NamedFilter[] {
    return this.extensions
      .names(PipelineFilter)
      .filter((name) => this.extensions.traits(PipelineFilter, name).always && !named.some((one) => one.name === name))
      .map((name) => ({ name }));
  }

  private async place({ name, options }: NamedFilter): Promise<Placed> {
    const { phase } = this.extensions.traits(PipelineFilter, name);
    return { phase, filter: await this.extensions.create(PipelineFilter, name, options) };
  }
}
