import { execFile } from 'node:child_process';
import { glob, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SUITE = fileURLToPath(import.meta.resolve('@modelcontextprotocol/conformance/dist/index.js'));
const CLIENT = fileURLToPath(new URL('client.ts', import.meta.url));
const FINISH_WITHIN_MS = 300_000;
const RESULT_NAME = /^(?:server-)?(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/;

/** The client scenarios of the suite that belong to the legacy era and need no authorization. */
const CLIENT_SCENARIOS = [
  'initialize',
  'tools_call',
  'elicitation-sep1034-client-defaults',
  'sse-retry',
  'json-schema-2020-12-preservation',
];

/** What a run of the suite found: for each scenario the messages of its failed checks, none if it passed. */
export type Findings = ReadonlyMap<string, readonly string[]>;

/** Which scenarios of the suite are run: what a revision requires, or everything it knows for a revision. */
export type Selection = readonly [option: '--requirements' | '--spec-version', revision: string];

/** Every selection of the suite, by the era of the client that it plays. */
export const SELECTIONS: Readonly<Record<'legacy' | 'modern', readonly Selection[]>> = {
  legacy: [
    ['--requirements', '2025-11-25'],
    ['--spec-version', '2025-11-25'],
    ['--spec-version', '2025-06-18'],
    ['--spec-version', '2025-03-26'],
  ],
  modern: [
    ['--requirements', '2026-07-28'],
    ['--spec-version', '2026-07-28'],
  ],
};

/** What the suite does not score and the fixture does not offer: the extension of tasks. */
const NOT_OFFERED = /^tasks-/;

interface Check {
  readonly id: string;
  readonly status: string;
  readonly errorMessage?: string;
}

/** What the suite finds of a server. @param url must name `localhost`, or the rebinding scenario fails by definition */
export function judgeServer(url: string, selection: Selection): Promise<Findings> {
  return findings([['server', '--url', url, ...selection]]);
}

/** What the suite, in the part of the server, finds of a client: of the official SDK's, or of the gateway before it. */
export function judgeClient(direct: boolean): Promise<Findings> {
  const command = `${process.execPath} ${CLIENT}${direct ? ' --direct' : ''}`;
  return findings(CLIENT_SCENARIOS.map((scenario) => ['client', '--command', command, '--scenario', scenario]));
}

async function findings(runs: readonly (readonly string[])[]): Promise<Findings> {
  const directory = await mkdtemp(join(tmpdir(), 'conformance-'));
  try {
    for (const args of runs) await run([...args, '--output-dir', directory]);
    return await readFindings(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Whether the suite itself is content does not matter: a scenario without a result, or with a failed check, counts as failed. */
async function run(args: readonly string[]): Promise<void> {
  const options = { timeout: FINISH_WITHIN_MS, maxBuffer: Number.POSITIVE_INFINITY };
  await promisify(execFile)(process.execPath, [SUITE, ...args], options).catch(() => undefined);
}

async function readFindings(directory: string): Promise<Findings> {
  const findings = new Map<string, string[]>();

  for await (const file of glob('*/checks.json', { cwd: directory })) {
    const scenario = RESULT_NAME.exec(basename(dirname(file)))?.[1];
    if (scenario === undefined || NOT_OFFERED.test(scenario)) continue;
    const checks = JSON.parse(await readFile(join(directory, file), 'utf8')) as Check[];
    const failed = checks.filter(({ status }) => status === 'FAILURE' || status === 'WARNING');
    findings.set(
      scenario,
      failed.map(({ id, errorMessage }) => `${id}: ${errorMessage ?? 'failed'}`),
    );
  }
  return findings;
}
