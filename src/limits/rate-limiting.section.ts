import { ArrayMinSize, IsBoolean, IsIn, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';

import { Doc, Nested, NestedList, NestedMap, Section } from '../config/index.js';

const KEY_STRATEGIES = ['ip_address', 'user_id', 'api_key', 'tenant'] as const;
const STORES = ['memory', 'redis'] as const;
const SHARES = ['client', 'global'] as const;

/** What tells one client from another. */
export type KeyStrategy = (typeof KEY_STRATEGIES)[number];

const MAX_RATE = 100_000_000;

/** `[security.rate_limiting.global]` */
export class GlobalRateConfig {
  @Doc('How many requests of all clients together are let through in a minute, evenly. Left out, there is no bound.', {
    example: 60_000,
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_RATE)
  readonly requestsPerMinute: number | undefined = undefined;

  @Doc('How many of them may come at once.')
  @IsInt()
  @Min(1)
  @Max(MAX_RATE)
  readonly burstSize: number = 1_000;
}

/** `[security.rate_limiting.routes.NAME]` */
export class RouteRateConfig {
  @Doc('How many requests one client may send to this route in a minute.', { example: 300 })
  @IsInt()
  @Min(1)
  @Max(MAX_RATE)
  readonly requestsPerMinute!: number;

  @Doc('How many of them may come at once.')
  @IsInt()
  @Min(1)
  @Max(MAX_RATE)
  readonly burstSize: number = 100;
}

/** `[[security.rate_limiting.tools]]` */
export class ToolRateConfig {
  @Doc('Groups whose tools are meant. Left out, those of all groups.')
  @IsString({ each: true })
  readonly groups: readonly string[] = [];

  @Doc('Their own names, without the prefix of a group; `*` stands for any text. All that match share one rate.', {
    example: 'search_*',
  })
  @IsString({ each: true })
  @ArrayMinSize(1)
  readonly tools: readonly string[] = ['*'];

  @Doc('How many calls are let through in a minute.', { example: 60 })
  @IsInt()
  @Min(1)
  @Max(MAX_RATE)
  readonly requestsPerMinute!: number;

  @Doc('How many of them may come at once.')
  @IsInt()
  @Min(1)
  @Max(MAX_RATE)
  readonly burstSize: number = 10;

  @Doc('Whether each client has this rate for itself, or all clients share it: `client` or `global`.')
  @IsIn(SHARES)
  readonly per: (typeof SHARES)[number] = 'client';
}

/** How much of everything may come in a minute. */
@Section('security.rate_limiting')
export class RateLimitingSection {
  @Doc('Whether requests are counted, and too many of them refused.')
  @IsBoolean()
  readonly enabled: boolean = false;

  @Doc('How many requests one client may send in a minute, on all routes together. They may come evenly.')
  @IsInt()
  @Min(1)
  @Max(MAX_RATE)
  readonly requestsPerMinute: number = 1_000;

  @Doc('How many of them may come at once.')
  @IsInt()
  @Min(1)
  @Max(MAX_RATE)
  readonly burstSize: number = 100;

  @Doc(
    'What tells one client from another: `ip_address` (an IPv6 address counts as its /64), `user_id`, `api_key` or `tenant`. Who comes without the latter three counts as its address.',
  )
  @IsIn(KEY_STRATEGIES)
  readonly keyStrategy: KeyStrategy = 'ip_address';

  @Doc(
    'Where it is counted: `memory`, each process for itself, or `redis`, all processes together. Left out, in Redis where `[redis]` has a url.',
    { example: 'redis' },
  )
  @IsOptional()
  @IsIn(STORES)
  readonly store: (typeof STORES)[number] | undefined = undefined;

  @Doc('What all clients together may send. Counted last, so that a client that is held up takes nothing of it.')
  @Nested(() => GlobalRateConfig)
  readonly global: GlobalRateConfig = new GlobalRateConfig();

  @Doc('What one client may send to one route, beside what it may send at all: `mcp`, or the name of a group.')
  @NestedMap(() => RouteRateConfig)
  readonly routes: Readonly<Record<string, RouteRateConfig>> = {};

  @Doc('What is let through to some tools, beside all other limits. Every entry that matches a call counts it.')
  @NestedList(() => ToolRateConfig)
  readonly tools: readonly ToolRateConfig[] = [];
}
