import { type ApplyOutcome, type ConfigSnapshot, redactText } from '../config/index.js';
import { ApiProperty } from './description.js';

const OUTCOMES = ['applied', 'unchanged', 'rejected'] as const;

/** Something wrong with a configuration. */
export class ReloadProblem {
  @ApiProperty({ description: 'The key, as in the file.' })
  readonly key!: string;

  @ApiProperty({ type: 'integer', nullable: true, description: 'Line of the file; null where it stands in none.' })
  readonly line!: number | null;

  @ApiProperty({ description: 'What is wrong, for people.' })
  readonly message!: string;
}

/** What became of a reload. */
export class ReloadResult {
  @ApiProperty({ enum: OUTCOMES, description: 'A rejected configuration changes nothing.' })
  readonly outcome!: (typeof OUTCOMES)[number];

  @ApiProperty({ type: 'integer', description: 'Generation in force now.' })
  readonly generation!: number;

  @ApiProperty({ type: [String], description: 'Sections that changed.' })
  readonly changed!: string[];

  @ApiProperty({ type: [String], description: 'Sections whose change takes effect after a restart.' })
  readonly need_restart!: string[];

  @ApiProperty({ type: [ReloadProblem], description: 'Why it was rejected.' })
  readonly problems!: ReloadProblem[];
}

export function toReloadResult(outcome: ApplyOutcome, { provenance }: ConfigSnapshot): ReloadResult {
  const problems = outcome.kind === 'rejected' ? outcome.problems : [];
  return {
    outcome: outcome.kind,
    generation: outcome.generation,
    changed: outcome.kind === 'applied' ? [...outcome.changed] : [],
    need_restart: outcome.kind === 'rejected' ? [] : [...outcome.needRestart],
    problems: problems.map(({ key, line, message }) => ({
      key,
      line: line ?? null,
      message: redactText(message, provenance),
    })),
  };
}
