import { Inject, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';

import { ConfigService } from '../../config/index.js';
import { CLOCK, type Clock } from '../../core/clock.js';
import type { Definition } from '../../core/definition.js';
import { displayText } from '../../core/display-text.js';
import { GatewayError } from '../../core/errors.js';
import { Events } from '../../core/events.js';
import type { Exchange, Target } from '../../core/exchange.js';
import type { Filter, Next } from '../../core/filter.js';
import type { JsonValue } from '../../core/json.js';
import { result, type McpReply, type McpRequest } from '../../core/message.js';
import { hasTwins } from '../../core/twins.js';
import { PipelineFilter } from '../../pipeline/index.js';
import { isTooCostly, sentenceOf, TOO_COSTLY, TWINS, type ArgumentProblem } from './argument-problem.js';
import type { ArgumentSchema } from './argument-schema.js';
import { ArgumentSchemas } from './argument-schemas.js';
import { ArgumentsSection, type ArgumentsMode } from './arguments.section.js';
import { Patience } from './patience.js';

/** From this revision on a model is to see what is wrong with its arguments. */
const TOLD_AS_RESULT = '2025-11-25';
/** The key of a result's `_meta` that says what was wrong with the arguments. */
const PROBLEMS = 'mcp-gateway/problems';
/** Which misfits were written to the log, at most. */
const REMEMBERED = 1_000;

/** What it may take to make use of a schema, and to judge by one, that its caller does not answer for. Milliseconds. */
const FREE = { make: 25, judge: 1 };

const NOTHING = Buffer.from('{}');

/**
 * Compares the arguments of tool calls with the schema that the tool is listed with. It reads nothing of a call where
 * it is off.
 */
@PipelineFilter({ name: 'arguments', phase: 'validate', always: true })
export class ArgumentsFilter implements Filter {
  private readonly logger = new Logger('Arguments');
  private readonly logged = new LRUCache<string, true>({ max: REMEMBERED });
  private readonly patience: Patience;
  private readonly mode: ArgumentsMode;
  private readonly modes: ReadonlyMap<string, ArgumentsMode>;

  constructor(
    config: ConfigService,
    private readonly schemas: ArgumentSchemas,
    private readonly events: Events,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.patience = new Patience(clock);
    const { mode, groups } = config.get(ArgumentsSection);
    this.mode = mode;
    this.modes = new Map(Object.entries(groups).map(([name, group]) => [name, group.mode]));
  }

  get idle(): boolean {
    return this.mode === 'off' && [...this.modes.values()].every((mode) => mode === 'off');
  }

  handle(request: McpRequest, exchange: Exchange, next: Next): Promise<McpReply> {
    const { target } = exchange;
    if (request.method !== 'tools/call' || !target) return next(request, exchange);
    const mode = this.modes.get(target.group) ?? this.mode;
    if (mode === 'off') return next(request, exchange);
    const call = { request, exchange, next, mode };
    if (target.definition) return this.pass(call, target, target.definition);
    return mode === 'enforce' && target.learn ? this.learn(call, target) : next(request, exchange);
  }

  /** What a server does not even tell of is for the server to judge. */
  private async learn(call: Passing, target: Target): Promise<McpReply> {
    const definition = await target.learn?.();
    if (definition) return this.pass(call, target, definition);
    this.events.emit('arguments.judged', { exchange: call.exchange, action: 'unchecked' });
    return call.next(call.request, call.exchange);
  }

  private pass(call: Passing, target: Target, definition: Definition): Promise<McpReply> {
    const { params } = call.request;
    const at = params?.spans.arguments;
    const bytes = at && params ? params.bytes.subarray(at[0], at[1]) : NOTHING;
    const schema = this.schemas.known(definition);
    if (!schema?.isQuick(bytes.length)) return this.passInTurn(call, target, { definition, bytes });
    return this.go(call, target, this.judge(call, target, { schema, bytes }));
  }

  /** Where it may take any time: the schema is to be made use of, or is not plain. */
  private async passInTurn(
    call: Passing,
    target: Target,
    { definition, bytes }: { readonly definition: Definition; readonly bytes: Buffer },
  ): Promise<McpReply> {
    const { exchange } = call;
    const made =
      this.schemas.known(definition) ??
      (await this.patience.spend(exchange, FREE.make, () => this.schemas.of(definition)));
    if (made === 'impatient') return this.go(call, target, [TOO_COSTLY]);
    const schema = 'done' in made ? made.done : made;
    const judge = (): readonly ArgumentProblem[] => this.judge(call, target, { schema, bytes });
    if (schema.isQuick(bytes.length)) return this.go(call, target, judge());
    const judged = await this.patience.spend(exchange, FREE.judge, judge);
    return this.go(call, target, judged === 'impatient' ? [TOO_COSTLY] : judged.done);
  }

  private go(
    { request, exchange, next, mode }: Passing,
    target: Target,
    problems: readonly ArgumentProblem[],
  ): Promise<McpReply> {
    if (problems.length === 0) return next(request, exchange);
    const isRefused = mode === 'enforce';
    this.events.emit('arguments.judged', { exchange, action: isRefused ? 'refused' : 'forgiven' });
    if (isRefused) return refusal(problems, exchange);
    this.log(target, problems);
    return next(request, exchange);
  }

  private judge(
    { exchange }: Passing,
    target: Target,
    { schema, bytes }: { readonly schema: ArgumentSchema; readonly bytes: Buffer },
  ): readonly ArgumentProblem[] {
    // Another reader may take the one that we do not.
    if (hasTwins(bytes)) return [TWINS];
    const judgement = schema.judge(JSON.parse(bytes.toString()) as JsonValue, bytes.length);
    if (judgement === 'unchecked') this.events.emit('arguments.judged', { exchange, action: 'unchecked' });
    else if (!isTooCostly(judgement)) return judgement;
    this.schemas.report(schema, target);
    return judgement === 'unchecked' ? [] : judgement;
  }

  private log({ group, name }: Target, [problem]: readonly ArgumentProblem[]): void {
    const tool = displayText(name);
    const rule = problem?.rule;
    const key = JSON.stringify([group, tool, rule]);
    if (this.logged.get(key)) return;
    this.logged.set(key, true);
    const msg = `arguments do not fit the schema of tool ${JSON.stringify(tool)} of group ${group}`;
    this.logger.log({ msg, upstream_group: group, tool, rule });
  }
}

interface Passing {
  readonly request: McpRequest;
  readonly exchange: Exchange;
  readonly next: Next;
  readonly mode: ArgumentsMode;
}

/**
 * What is wrong, in the words of the revision: from 2025-11-25 on the result of a tool that failed, which a model
 * gets to see and can learn from; an error of the protocol before.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/server/tools#error-handling
 */
function refusal(problems: readonly ArgumentProblem[], { peer }: Exchange): Promise<McpReply> {
  const text = sentenceOf(problems);
  if (peer.revision < TOLD_AS_RESULT) {
    return Promise.reject(new GatewayError('arguments_invalid', text, { problems: [...problems] }));
  }
  return Promise.resolve(
    result({ content: [{ type: 'text', text }], isError: true, _meta: { [PROBLEMS]: [...problems] } }),
  );
}
