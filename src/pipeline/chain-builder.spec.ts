import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { IsString } from 'class-validator';

import type { Exchange } from '../core/exchange.js';
import type { Filter, Next } from '../core/filter.js';
import { McpRequest, result, type McpReply } from '../core/message.js';
import { type Configurable, Doc, ExtensionModule } from '../extension/index.js';
import { ChainBuilder } from './chain-builder.js';
import { PipelineFilter } from './pipeline-filter.js';
import { PipelineModule } from './pipeline.module.js';

let log: string[] = [];

class Options {
  @Doc('What it says when a request passes.')
  @IsString()
  readonly says: string = 'nothing';
}

abstract class Saying implements Filter, Configurable<Options> {
  private says = '';

  configure({ says }: Options): void {
    this.says = says;
  }

  handle(request: McpRequest, exchange: Exchange, next: Next): Promise<McpReply> {
    log.push(this.says);
    return next(request, exchange);
  }
}

@PipelineFilter({ name: 'inner', phase: 'cache', options: Options })
class InnerFilter extends Saying {}

@PipelineFilter({ name: 'outer', phase: 'validate', options: Options })
class OuterFilter extends Saying {}

@PipelineFilter({ name: 'watching', phase: 'observe', always: true, options: Options })
class WatchingFilter extends Saying {}

@Module({ providers: [InnerFilter, OuterFilter, WatchingFilter] })
class FiltersModule {}

describe('the chain builder', () => {
  let builder: ChainBuilder;

  beforeEach(async () => {
    log = [];
    const app = await Test.createTestingModule({ imports: [ExtensionModule, PipelineModule, FiltersModule] }).compile();
    await app.init();
    builder = app.get(ChainBuilder);
  });

  async function run(named: Parameters<ChainBuilder['build']>[0]): Promise<string[]> {
    const chain = await builder.build(named, { send: async () => result({}) });
    await chain.run(new McpRequest('ping', undefined), {} as Exchange);
    return log;
  }

  it('orders by phase, then as configured', async () => {
    const said = await run([
      { name: 'inner', options: { says: 'c1' } },
      { name: 'outer', options: { says: 'v1' } },
      { name: 'inner', options: { says: 'c2' } },
      { name: 'outer', options: { says: 'v2' } },
    ]);

    expect(said).toEqual(['nothing', 'v1', 'v2', 'c1', 'c2']);
  });

  it('puts in what stands in every chain, unless it is named', async () => {
    expect(await run([])).toEqual(['nothing']);
    log = [];
    expect(await run([{ name: 'watching', options: { says: 'something' } }])).toEqual(['something']);
  });

  it('refuses a name that no filter has', async () => {
    await expect(builder.build([{ name: 'iner' }], { send: async () => result({}) })).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('unknown filter "iner"') as string,
    });
  });
});
