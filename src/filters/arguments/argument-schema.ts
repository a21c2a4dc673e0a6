import { Ajv, type Options, type ValidateFunction } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

import { isObject, type JsonValue } from '../../core/json.js';
import { argumentProblems, TOO_COSTLY, type ArgumentProblem } from './argument-problem.js';
import { OverBudget, withinBudget } from './budget.js';
import { surveySchema, type SchemaSurvey } from './schema-survey.js';

/** How long a schema may take to be made use of, and one judgement by it. Milliseconds. */
const BUDGET = { compile: 75, judge: 25 };
/** Values of a schema times bytes of arguments: below that, whatever is plain is quick. */
const QUICK = 2_000_000;
/** Bytes of arguments below which formats are quick. */
const SHORT = 512;

/** Nothing is fetched, coerced or filled in, and one problem is enough: a long list could have millions. */
const OPTIONS: Options = {
  strict: false,
  allErrors: false,
  meta: false,
  validateSchema: false,
  logger: false,
  code: { optimize: false },
};

/** What is wrong with arguments, or `unchecked` where nobody can say. */
export type Judgement = readonly ArgumentProblem[] | 'unchecked';

/** The input schema of a tool, made use of. What its server wrote cannot do more harm than a few milliseconds. */
export class ArgumentSchema {
  /** @param problem why nothing can be judged by it: something that its server wrote, and never its callers */
  private constructor(
    private readonly validate: ValidateFunction | undefined,
    private readonly survey: SchemaSurvey,
    readonly problem: string | undefined,
  ) {}

  /** @param bytes that the schema was long */
  static of(schema: JsonValue, bytes: number): ArgumentSchema {
    const survey = surveySchema(schema, bytes);
    if (survey.problem) return new ArgumentSchema(undefined, survey, survey.problem);
    try {
      return new ArgumentSchema(compile(schema), survey, undefined);
    } catch (thrown) {
      return new ArgumentSchema(undefined, survey, whyNot(thrown));
    }
  }

  /** Whether to judge by it takes no time worth speaking of. @param bytes that the arguments are long */
  isQuick(bytes: number): boolean {
    const { isPlain, hasFormats, values, problem } = this.survey;
    return problem !== undefined || (isPlain && values * bytes < QUICK && !(hasFormats && bytes > SHORT));
  }

  /**
   * What cannot be judged in time does not fit, however often that happens: a check that callers could wear out would be
   * none.
   *
   * @param bytes that the arguments were long
   */
  judge(given: JsonValue, bytes: number): Judgement {
    const { validate } = this;
    if (!validate) return 'unchecked';
    try {
      const isFit = this.isQuick(bytes) ? validate(given) : withinBudget(BUDGET.judge, () => validate(given));
      return isFit ? [] : argumentProblems(validate.errors ?? []);
    } catch {
      // Over budget, round in a circle, or out of the stack that regular expressions have.
      return [TOO_COSTLY];
    } finally {
      // They point into the arguments.
      validate.errors = null;
    }
  }
}

/** With an instance of its own: schemas of different servers may have the same id. */
function compile(schema: JsonValue): ValidateFunction {
  return withinBudget(BUDGET.compile, () => {
    const ajv = new (dialectOf(schema))(OPTIONS);
    formats.default(ajv);
    return ajv.compile(schema as object);
  });
}

type Dialect = typeof Ajv | typeof Ajv2019 | typeof Ajv2020;

const DIALECTS: ReadonlyMap<string, Dialect> = new Map<string, Dialect>([
  ['draft/2020-12', Ajv2020],
  ['draft/2019-09', Ajv2019],
  ['draft-07', Ajv],
  ['draft-06', Ajv],
]);

const NAME = /^https?:\/\/json-schema\.org\/([\w/-]+)\/schema#?$/;

class UnknownDialect extends Error {}

/** @throws UnknownDialect */
function dialectOf(schema: JsonValue): Dialect {
  const name = isObject(schema) ? schema['$schema'] : undefined;
  if (name === undefined) return Ajv2020;
  const [, dialect = ''] = typeof name === 'string' ? (NAME.exec(name) ?? []) : [];
  const known = DIALECTS.get(dialect);
  if (!known) throw new UnknownDialect();
  return known;
}

function whyNot(thrown: unknown): string {
  if (thrown instanceof OverBudget) return 'it takes too long to be made use of';
  if (thrown instanceof UnknownDialect) return 'its dialect is not known';
  // The stack was not deep enough.
  if (thrown instanceof RangeError) return 'it leads round in a circle';
  return thrown instanceof Ajv.MissingRefError ? 'it refers to what is not in it' : 'it is not a valid schema';
}
