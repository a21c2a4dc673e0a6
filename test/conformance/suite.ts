import { execFile } from 'node:child_process';
import { glob, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SUITE = fileURLToPath(import.meta.resolve('@modelcontextprotocol/conformance/dist/index.js'));
const REQUIREMENTS = '2025-11-25';
const FINISH_WITHIN_MS = 300_000;
const RESULT_NAME = /^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/;

/** What a run of the suite found: for each scenario the messages of its failed checks, none if it passed. */
export type Findings = ReadonlyMap<string, readonly string[]>;

interface Check {
  readonly id: string;
  readonly status: string;
  readonly errorMessage?: string;
}

/**
 * Runs the official suite against a server.
 *
 * @param url must name `localhost`, or the suite fails its rebinding scenario by definition
 * @returns its findings, and whether the suite itself is content with them
 */
export async function runSuite(url: string, expectedFailures?: string): Promise<{ findings: Findings; ok: boolean }> {
  const directory = await mkdtemp(join(tmpdir(), 'conformance-'));
  const args = ['server', '--url', url, '--requirements', REQUIREMENTS, '--output-dir', directory];
  if (expectedFailures !== undefined) args.push('--expected-failures', expectedFailures);

  try {
    const ok = await promisify(execFile)(process.execPath, [SUITE, ...args], {
      timeout: FINISH_WITHIN_MS,
      maxBuffer: Number.POSITIVE_INFINITY,
    }).then(
      () => true,
      () => false,
    );
    return { findings: await readFindings(directory), ok };
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function readFindings(directory: string): Promise<Findings> {
  const findings = new Map<string, string[]>();

  for await (const file of glob('*/checks.json', { cwd: directory })) {
    const scenario = RESULT_NAME.exec(basename(dirname(file)))?.[1];
    if (scenario === undefined) continue;
    const checks = JSON.parse(await readFile(join(directory, file), 'utf8')) as Check[];
    // The suite itself counts warnings as failures when it is given a list of expected ones.
    const failed = checks.filter(({ status }) => status === 'FAILURE' || status === 'WARNING');
    findings.set(
      scenario,
      failed.map(({ id, errorMessage }) => `${id}: ${errorMessage ?? 'failed'}`),
    );
  }
  return findings;
}
