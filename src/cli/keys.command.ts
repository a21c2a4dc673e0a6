import { text } from 'node:stream/consumers';

import { digestOf, hashPassword, newApiKey } from '../auth/index.js';
import { EXIT, type ExitCode, type Terminal } from './terminal.js';

/** Prints a fresh API key, once, and the row that lets its holder in. */
export function newKey(terminal: Terminal, name: string): ExitCode {
  const key = newApiKey();
  terminal.out(`# The key of ${name}. It is not kept anywhere: hand it over now.`);
  terminal.out(`# ${key}`);
  terminal.out('[[security.auth.api_keys]]');
  terminal.out(`name = "${name}"`);
  terminal.out(`sha256 = "${digestOf(key)}"`);
  terminal.out('roles = []');
  return EXIT.ok;
}

/** Prints what a key or a password is kept as. It is read from standard input, so that no shell remembers it. */
export async function hashSecret(
  terminal: Terminal,
  scrypt: boolean,
  read: () => Promise<string> = () => text(process.stdin),
): Promise<ExitCode> {
  const secret = (await read()).replace(/\r?\n$/, '');
  if (secret === '') {
    terminal.err('mcp-gateway: nothing to hash on standard input');
    return EXIT.failed;
  }
  terminal.out(scrypt ? await hashPassword(secret) : digestOf(secret));
  return EXIT.ok;
}
