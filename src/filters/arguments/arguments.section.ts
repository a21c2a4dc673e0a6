import { IsIn } from 'class-validator';

import { Doc, NestedMap, Section } from '../../config/index.js';

const MODES = ['off', 'observe', 'enforce'] as const;

/** What becomes of arguments that do not fit the schema of their tool. */
export type ArgumentsMode = (typeof MODES)[number];

/** `[security.arguments.groups.NAME]` */
export class ArgumentsGroupConfig {
  @Doc('The same for the tools of one group.')
  @IsIn(MODES)
  readonly mode: ArgumentsMode = 'observe';
}

/** The arguments of tool calls are compared with the schemas that the tools are listed with. */
@Section('security.arguments')
export class ArgumentsSection {
  @Doc(
    'What becomes of tool calls whose arguments do not fit the `inputSchema` of their tool: off (nobody looks), observe (they are let through, counted and logged), enforce (they are refused and never reach a server).',
  )
  @IsIn(MODES)
  readonly mode: ArgumentsMode = 'off';

  @Doc('Another mode for the tools of single groups.')
  @NestedMap(() => ArgumentsGroupConfig)
  readonly groups: Readonly<Record<string, ArgumentsGroupConfig>> = {};
}
