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

export type Era = 'legacy' | 'modern';

/** The client scenarios of the suite that need no authorization, by the era of the server that it plays. */
const CLIENT_SCENARIOS: Readonly<Record<Era, readonly [version: string, ...scenarios: string[]]>> = {
  legacy: [
    '2025-11-25',
    'initialize',
    'tools_call',
    'elicitation-sep1034-client-defaults',
    'sse-retry',
    'json-schema-2020-12-preservation',
  ],
  modern: [
    '2026-07-28',
    'tools_call',
    'request-metadata',
    'sep-2322-client-request-state',
    'http-standard-headers',
    'http-custom-headers',
    'http-invalid-tool-headers',
    'json-schema-ref-no-deref',
    'json-schema-2020-12-preservation',
  ],
};

/** What a run of the suite found: for each scenario the messages of its failed checks, none if it passed. */
export type Findings = ReadonlyMap<string, readonly string[]>;

/** Which scenarios of the suite are run: what a revision requires, or everything it knows for a revision. */
export type Selection = readonly [option: '--requirements' | '--spec-version', revision: string];

/** Every selection of the suite, by the era of the client that it plays. */
export const SELECTIONS: Readonly<Record<Era, readonly Selection[]>> = {
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
export async function judgeServer(url: string, selection: Selection): Promise<Findings> {
  return (await findingsOf(['server', '--url', url, ...selection])).findings;
}

/** A client of an official kit: the first speaks for the legacy era, the second for the modern one. */
export interface Client {
  readonly era: Era;
  /** Without the gateway between it and the suite: then it is the kit that is judged, and the gateway otherwise. */
  readonly direct?: boolean;
}

/** What the suite, playing a server of that era, finds of a client. A client that fails has failed the scenario. */
export async function judgeClient({ era, direct = false }: Client, server: Era): Promise<Findings> {
  const options = `${era === 'modern' ? ' --modern' : ''}${direct ? ' --direct' : ''}`;
  const command = `${process.execPath} ${CLIENT}${options}`;
  const [version, ...scenarios] = CLIENT_SCENARIOS[server];
  const found = new Map<string, readonly string[]>();
  for (const scenario of scenarios) {
    const args = ['client', '--command', command, '--scenario', scenario, '--spec-version', version];
    const { findings, contented } = await findingsOf(args);
    const messages = findings.get(scenario) ?? ['no result'];
    found.set(scenario, messages.length > 0 || contented ? messages : ['the client failed']);
  }
  return found;
}

async function findingsOf(args: readonly string[]): Promise<{ findings: Findings; contented: boolean }> {
  const directory = await mkdtemp(join(tmpdir(), 'conformance-'));
  try {
    const contented = await run([...args, '--output-dir', directory]);
    return { findings: await readFindings(directory), contented };
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Whether the suite itself is content. What it found counts: a scenario without a result has failed. */
function run(args: readonly string[]): Promise<boolean> {
  const options = { timeout: FINISH_WITHIN_MS, maxBuffer: Number.POSITIVE_INFINITY };
  return promisify(execFile)(process.execPath, [SUITE, ...args], options).then(
    () => true,
    () => false,
  );
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
