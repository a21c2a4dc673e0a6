import { IsBoolean, IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

import { Doc, IsDuration, Section } from '../config/index.js';

const VALIDATION_MODES = ['strict', 'lenient', 'observe'] as const;

/** How strictly the rules are kept that may be forgiven. */
export type ValidationMode = (typeof VALIDATION_MODES)[number];

/** How the gateway presents itself and what stands behind it. */
@Section('gateway')
export class GatewaySection {
  @Doc('What the gateway calls itself to clients and servers.')
  @IsString()
  @MaxLength(128)
  readonly name: string = 'mcp-gateway';

  @Doc('A label of your own, such as development or production. It changes nothing but what is reported.')
  @IsString()
  @MaxLength(128)
  readonly environment: string = 'development';

  @Doc('What clients are told first about the aggregated route, before what its groups have to say.', {
    example: 'Tools of the sales team.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(8_192)
  readonly instructions: string | undefined = undefined;

  @Doc(
    "What becomes of clients that break a rule of the protocol on which neither the gateway nor anybody's safety depends: `strict` refuses them, `lenient` overlooks it, `observe` overlooks it and says so in the log. All three count it.",
  )
  @IsIn(VALIDATION_MODES)
  readonly validation: ValidationMode = 'strict';

  @Doc('Items on one page of a list. Many clients never ask for a second page.')
  @IsInt()
  @Min(1)
  @Max(100_000)
  readonly pageSize: number = 1_000;

  @Doc('How long a list is reused whose server does not announce changes. 0 asks the server each time.')
  @IsDuration()
  readonly listTtl: number = 60_000;

  @Doc('How long a group may take to answer for one list. One that takes longer is left out of it.')
  @IsDuration({ min: 1 })
  readonly listTimeout: number = 10_000;

  @Doc('How long the first list waits for groups that were never reached.')
  @IsDuration()
  readonly firstListWait: number = 3_000;

  @Doc('Pages that are read of one list of one group, at most.')
  @IsInt()
  @Min(1)
  @Max(10_000)
  readonly listMaxPages: number = 100;

  @Doc('Items that are read of one list of one group, at most.')
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly listMaxItems: number = 10_000;

  @Doc('Bytes that are read of one list of one group, at most; the page that goes beyond them is still taken.')
  @IsInt()
  @Min(1_024)
  @Max(1_073_741_824)
  readonly listMaxBytes: number = 16 * 1_024 * 1_024;

  @Doc(
    'Whether clients are told that a list or a resource is public, and may be kept for others as well, where all servers that it came from say so. Otherwise everything is called private.',
  )
  @IsBoolean()
  readonly publicLists: boolean = false;

  @Doc(
    'Clients whose lists are kept apart on one route because they have upstream sessions of their own, at most. The lists of the one that was silent longest are asked for again when it comes back.',
  )
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly listMaxClients: number = 10_000;

  @Doc('Resources that one session may subscribe to, at most.')
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly maxSubscriptionsPerSession: number = 1_000;

  @Doc('Subscriptions to resources of all sessions together, at most.')
  @IsInt()
  @Min(1)
  @Max(10_000_000)
  readonly maxSubscriptions: number = 100_000;

  @Doc('Of these, those of one principal that had to say who it is, at most.')
  @IsInt()
  @Min(1)
  @Max(10_000_000)
  readonly maxSubscriptionsPerPrincipal: number = 10_000;

  @Doc('Clients that may listen for changes (`subscriptions/listen`) at the same time, at most.')
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly maxListens: number = 1_024;

  @Doc('Of these, those of one principal that had to say who it is, at most.')
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly maxListensPerPrincipal: number = 128;

  @Doc(
    'Calls of modern clients that may wait on servers for what their clients were asked for, at most. More are refused as soon as their server asks.',
  )
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly maxParkedCalls: number = 10_000;

  @Doc('Of these, those of one principal that had to say who it is, at most.')
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly maxParkedCallsPerPrincipal: number = 1_000;
}
