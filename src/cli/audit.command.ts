import { readFileSync } from 'node:fs';

import { filesByChain, verifyChain } from '../audit/index.js';
import type { AuditFlags } from './line/audit.line.js';
import { EXIT, type ExitCode, type Terminal } from './terminal.js';

/** Checks the files of an audit log, the chain of each worker by itself, and names the first line that is wrong. */
export async function verifyAudit(terminal: Terminal, { files, keyFile, lastHash }: AuditFlags): Promise<ExitCode> {
  const said: string[] = [];
  try {
    // As `${file:…}` takes a secret out of a file.
    const key = keyFile === undefined ? undefined : readFileSync(keyFile, 'utf8').replace(/\r?\n$/, '');
    let isSeen = false;
    for (const chain of filesByChain(files)) {
      const { problem, lines, first, last, seen } = await verifyChain(chain, key, lastHash);
      if (problem) {
        terminal.err(`${problem.file}:${problem.line}: ${problem.why}`);
        return EXIT.failed;
      }
      isSeen ||= seen;
      const range = last ? `, ${first} to ${last.seq}, last hash ${last.hash}` : '';
      said.push(`ok: ${lines} line${lines === 1 ? '' : 's'}${range}`);
    }
    if (lastHash !== undefined && !isSeen) {
      terminal.err(`no line has the hash ${lastHash}: lines were cut off the end, or the chain was made anew`);
      return EXIT.failed;
    }
    for (const line of said) terminal.out(line);
    return EXIT.ok;
  } catch (thrown) {
    terminal.err(`mcp-gateway: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    return EXIT.failed;
  }
}
