import type { Experiment, Findings, Verdict } from '../experiments/experiment.ts';

/** What came out of one experiment. */
export interface Finished {
  readonly experiment: Experiment;
  readonly findings: Findings;
}

/** The whole report as a Markdown page. */
export function render(finished: readonly Finished[], preamble: readonly string[]): string {
  const verdicts = finished.flatMap(({ experiment, findings }) =>
    findings.verdicts.map((verdict) => [experiment.title, ...verdictCells(verdict)]),
  );
  return [
    '# Results of the benchmark',
    '',
    'Written by `npm run bench`; [README.md](README.md) says how to read it.',
    '',
    ...preamble,
    '',
    '## Goals',
    '',
    ...table(['scenario', 'what', 'measured', 'must', 'met', 'goal', 'reached'], verdicts),
    ...finished.flatMap(({ experiment, findings }) => section(experiment, findings)),
    '',
  ].join('\n');
}

/** One experiment as Markdown. */
export function section({ name, title }: Experiment, findings: Findings): string[] {
  const { headings, rows, skipped, faulty } = findings;
  return [
    '',
    `## ${title}`,
    '',
    `\`${name}\`. ${faulty === 0 ? 'Every reply was right.' : `**${faulty} faults.**`}`,
    ...(rows.length > 0 ? ['', ...table(headings, rows)] : []),
    ...(skipped.length > 0 ? ['', ...skipped.map((sentence) => `- Left out: ${sentence}`)] : []),
  ];
}

function verdictCells({ what, measured, must, isMet, goal, isReached }: Verdict): string[] {
  return [what, measured, must, yes(isMet), goal, yes(isReached)];
}

function yes(is: boolean | undefined): string {
  return is === undefined ? '' : is ? 'yes' : '**no**';
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const lines = [headings, headings.map((_, at) => (at === 0 ? '---' : '---:')), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`);
}
