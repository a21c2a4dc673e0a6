import type { Findings } from './suite.ts';

/** How one scenario came out. */
export interface Verdict {
  readonly scenario: string;
  readonly direct: 'pass' | 'FAIL';
  readonly gateway: 'pass' | 'FAIL' | 'expected' | 'STALE';
  /** What the checks that failed through the gateway said. */
  readonly messages: readonly string[];
}

/** Compares a run against a server with one through the gateway, scenario by scenario. */
export function compare(direct: Findings, gateway: Findings, expected: ReadonlySet<string>): Verdict[] {
  const scenarios = [...new Set([...direct.keys(), ...gateway.keys()])].sort();

  return scenarios.map((scenario) => {
    // A scenario that crashed the suite left no findings.
    const messages = gateway.get(scenario) ?? ['no result'];
    return {
      scenario,
      direct: direct.get(scenario)?.length === 0 ? 'pass' : 'FAIL',
      gateway: judge(messages.length === 0, expected.has(scenario)),
      messages,
    };
  });
}

/** Whether a verdict is as it should be: it passes through the gateway, or only fails where it is expected to. */
export function isGood({ direct, gateway }: Verdict): boolean {
  return gateway === 'pass' || (direct === 'pass' && gateway === 'expected');
}

/** The scenarios that a list of expected failures names, by the headings that they stand under. */
export function parseExpected(yaml: string): ReadonlyMap<string, ReadonlySet<string>> {
  const lists = new Map<string, Set<string>>();
  let current = new Set<string>();
  for (const line of yaml.split('\n')) {
    const heading = /^([\w-]+):/.exec(line)?.[1];
    const scenario = /^\s+- ([\w-]+)\s*(?:#.*)?$/.exec(line)?.[1];
    if (heading !== undefined) lists.set(heading, (current = new Set()));
    else if (scenario !== undefined) current.add(scenario);
  }
  return lists;
}

function judge(passed: boolean, expectedToFail: boolean): Verdict['gateway'] {
  if (passed) return expectedToFail ? 'STALE' : 'pass';
  return expectedToFail ? 'expected' : 'FAIL';
}
