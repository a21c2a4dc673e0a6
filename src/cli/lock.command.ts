import {
  approve,
  compareTools,
  describedTool,
  type ToldGroups,
  type ToolDifference,
  type Wanted,
  writeApprovals,
} from '../pinning/index.js';
import type { ToolSurvey } from '../start.js';
import type { LockFlags } from './line/lock.line.js';
import { UsageError } from './usage-error.js';
import { printDifferences, quoted } from './lock-report.js';
import { failed, type Gateway, sourceOf } from './run.command.js';
import { EXIT, type ExitCode, type Terminal } from './terminal.js';

/** Shows how the tools of all servers differ from those that were approved, or approves them. */
export async function lock(terminal: Terminal, flags: LockFlags, gateway: Gateway): Promise<ExitCode> {
  const config = sourceOf(flags);
  let survey: ToolSurvey;
  try {
    survey = await gateway.surveyTools({ config, dev: false, logLevel: flags.logLevel ?? 'fatal' });
  } catch (thrown) {
    return failed(terminal, config, thrown);
  }
  const told = toldGroups(survey);
  const wanted = flags.wanted.length > 0 ? flags.wanted.map((name) => wantedOf(name, survey)) : undefined;
  const differences = differencesOf(survey, told).filter((each) => isWanted(each, wanted));
  const failures = survey.told.filter(
    ({ group, failure }) => failure !== undefined && (!wanted || wanted.some((each) => each.group === group)),
  );
  if (flags.json)
    terminal.out(JSON.stringify({ file: survey.file, differences, failures: failures.map(bare) }, undefined, 2));
  else printDifferences(terminal, differences);
  for (const { group, failure } of failures) {
    terminal.err(`group ${group}: ${failure}; what was approved of it is left as it is`);
  }
  const isComplete = failures.length === 0;
  if (!flags.approve) {
    if (differences.length === 0 && isComplete && !flags.json) terminal.out(`${survey.file}: nothing differs`);
    return differences.length === 0 && isComplete ? EXIT.ok : EXIT.failed;
  }
  try {
    await writeApprovals(survey.file, approve(survey.approvals, told, wanted));
  } catch (thrown) {
    return failed(terminal, config, thrown);
  }
  return said(terminal, flags, survey, differences) && isComplete ? EXIT.ok : EXIT.failed;
}

/** Whether all of it could be approved. */
function said(terminal: Terminal, flags: LockFlags, { file }: ToolSurvey, all: readonly ToolDifference[]): boolean {
  const ambiguous = all.filter(({ isAmbiguous }) => isAmbiguous);
  for (const { group, tool } of ambiguous) {
    terminal.err(`${group}/${quoted(tool)} is not approved: a key stands twice in its description`);
  }
  if (!flags.json) terminal.out(`${file}: ${all.length - ambiguous.length} approved`);
  return ambiguous.length === 0;
}

/** Groups whose list was not read to the end count as not asked. */
function toldGroups({ told }: ToolSurvey): ToldGroups {
  return new Map(
    told.map(({ group, tools, failure }) => [
      group,
      failure === undefined ? new Map(Array.from(tools, ([name, bytes]) => [name, describedTool(bytes)])) : undefined,
    ]),
  );
}

/** Of groups that are not configured any more everything is gone. */
function differencesOf({ approvals }: ToolSurvey, told: ToldGroups): ToolDifference[] {
  const groups = [...new Set([...told.keys(), ...approvals.keys()])];
  return groups.flatMap((group) => {
    const tools = told.has(group) ? told.get(group) : new Map<string, never>();
    return tools ? compareTools(group, approvals.get(group) ?? new Map(), tools) : [];
  });
}

function wantedOf(name: string, { told, approvals }: ToolSurvey): Wanted {
  const [group = '', ...rest] = name.split('/');
  const tools = told.find((each) => each.group === group);
  if (!tools) throw new UsageError(`no group "${group}" is configured`);
  if (rest.length === 0) return { group, tool: undefined };
  const tool = rest.join('/');
  if (tools.failure === undefined && !tools.tools.has(tool) && !approvals.get(group)?.has(tool)) {
    throw new UsageError(`group "${group}" has no tool ${quoted(tool)}`);
  }
  return { group, tool };
}

function isWanted(difference: ToolDifference, wanted: readonly Wanted[] | undefined): boolean {
  const { group, tool } = difference;
  return !wanted || wanted.some((each) => each.group === group && (each.tool === undefined || each.tool === tool));
}

function bare({ group, failure }: ToolSurvey['told'][number]): object {
  return { group, failure };
}
