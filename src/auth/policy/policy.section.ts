import { ArrayMaxSize, IsArray, IsIn, IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';

import { Doc, NestedList, Section } from '../../config/index.js';

/** A name or a pattern: never empty, and never with the `!` by which others negate. */
const PATTERN = /^(?!!)[^\0]{1,512}$/;
const MESSAGE = 'must be 1 to 512 characters and cannot begin with "!": rules only allow, there is no negation';

/** `[[security.policy.rules]]` */
export class PolicyRuleConfig {
  @Doc('Name of the rule, for logs, metrics and `mcp-gateway explain`. Each rule has its own.')
  @IsString()
  @Matches(/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/, {
    message: 'a name is 1 to 64 letters, digits, spaces, dots, dashes and underscores',
  })
  readonly name: string = '';

  @Doc('Who has one of these roles. As in all lists of a rule, `*` in a pattern stands for any text.')
  @IsOptional()
  @IsArray()
  @Matches(PATTERN, { each: true, message: MESSAGE })
  readonly roles: readonly string[] | undefined = undefined;

  @Doc('Who is one of these: `METHOD:SUBJECT`, such as `jwt:alice` or `api_key:ci-*`.')
  @IsOptional()
  @IsArray()
  @Matches(PATTERN, { each: true, message: MESSAGE })
  readonly principals: readonly string[] | undefined = undefined;

  @Doc('Who belongs to one of these tenants.')
  @IsOptional()
  @IsArray()
  @Matches(PATTERN, { each: true, message: MESSAGE })
  readonly tenants: readonly string[] | undefined = undefined;

  @Doc('Who showed who they are by one of these auth methods, such as `jwt`, `api_key`, `basic`, `mtls`, `anonymous`.')
  @IsOptional()
  @IsArray()
  @Matches(PATTERN, { each: true, message: MESSAGE })
  readonly methods: readonly string[] | undefined = undefined;

  @Doc('Routes that the rule is for: `mcp` is that of all groups, the others are called as their group.')
  @IsOptional()
  @IsArray()
  @Matches(PATTERN, { each: true, message: MESSAGE })
  readonly routes: readonly string[] | undefined = undefined;

  @Doc('Groups that the rule is for.')
  @IsOptional()
  @IsArray()
  @Matches(PATTERN, { each: true, message: MESSAGE })
  readonly groups: readonly string[] | undefined = undefined;

  @Doc(
    'Tools that the rule allows, by the names that their servers gave them, without prefix. A rule that names none of tools, prompts and resources allows all three.',
  )
  @IsOptional()
  @IsArray()
  @Matches(PATTERN, { each: true, message: MESSAGE })
  readonly tools: readonly string[] | undefined = undefined;

  @Doc('Prompts that the rule allows, by the names that their servers gave them.')
  @IsOptional()
  @IsArray()
  @Matches(PATTERN, { each: true, message: MESSAGE })
  readonly prompts: readonly string[] | undefined = undefined;

  @Doc('Resources that the rule allows, by their own URIs; templates by their `uriTemplate` as it is written.')
  @IsOptional()
  @IsArray()
  @Matches(PATTERN, { each: true, message: MESSAGE })
  readonly resources: readonly string[] | undefined = undefined;

  @Doc(
    'OAuth scopes that are needed to use what the rule allows. It is shown without them; a call is answered with 403 and the scopes to ask for.',
  )
  @IsOptional()
  @IsArray()
  @Matches(/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/, { each: true, message: 'a scope has no spaces, quotes or backslashes' })
  readonly scopes: readonly string[] | undefined = undefined;

  @Doc(
    'A condition in CEL over `principal`, `tool`, `target`, `arguments` and `request`. What cannot be evaluated to true is not allowed.',
  )
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(4_096)
  readonly when: string | undefined = undefined;
}

/** Who may see and use what. */
@Section('security.policy')
export class PolicySection {
  @Doc(
    'What becomes of things that no rule speaks of: allow or deny. Left out: allow while there are no rules, deny as soon as there is one.',
  )
  @IsOptional()
  @IsIn(['allow', 'deny'])
  readonly default: 'allow' | 'deny' | undefined = undefined;

  @Doc('What is allowed to whom. Rules only allow; one that matches is enough, and their order means nothing.')
  @ArrayMaxSize(1_000)
  @NestedList(() => PolicyRuleConfig)
  readonly rules: readonly PolicyRuleConfig[] = [];
}
