import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const BUILD = fileURLToPath(new URL('../.build/', import.meta.url));

const SOURCES = {
  load: ['load.c', 'client.c', 'call.c', 'options.c', 'tally.c'],
  echo: ['echo.c', 'reply.c'],
  percentiles: ['percentiles.c'],
} as const;
const FLAGS = ['-O2', '-Wall', '-Wextra', '-D_GNU_SOURCE'];
const TLS = ['-DBENCH_TLS', '-lssl', '-lcrypto'];

/** A program of the benchmark that is written in C. */
export type NativeProgram = keyof typeof SOURCES;

/** Why programs in C cannot be had here, or undefined where they can. */
export function nativeRefusal(): string | undefined {
  if (process.platform !== 'linux') return 'the programs in C need Linux (epoll)';
  try {
    execFileSync('cc', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'there is no C compiler (`cc`): install gcc or clang';
  }
}

/**
 * Compiles a program, unless that was done since its sources changed, and says where it is.
 *
 * @throws Error with what the compiler said
 */
export function nativeProgram(name: NativeProgram): string {
  const program = BUILD + name;
  const newest = Math.max(...readdirSync(HERE).map((file) => statSync(HERE + file).mtimeMs));
  const built = statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (built > newest) return program;

  mkdirSync(BUILD, { recursive: true });
  compile(name, program, name === 'load' && hasTls() ? TLS : []);
  return program;
}

/** Whether the generator can speak TLS: with the headers of OpenSSL, which come as libssl-dev or openssl-devel. */
export function hasTls(): boolean {
  try {
    execFileSync('cc', ['-E', '-include', 'openssl/ssl.h', '-x', 'c', '/dev/null'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function compile(name: NativeProgram, program: string, libraries: readonly string[]): void {
  const sources = SOURCES[name].map((file) => HERE + file);
  execFileSync('cc', [...FLAGS, '-o', program, ...sources, ...libraries], { stdio: ['ignore', 'inherit', 'inherit'] });
}
