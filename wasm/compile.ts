import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The one version whose output is committed. With another the module may come out otherwise, and be no worse. */
export const COMPILER = 'assemblyscript@0.28.20';

const SOURCE = new URL('skipper.as', import.meta.url);
/** What the gateway runs: the module as text, so that it goes into a bundle like any other code. */
export const EMBEDDED: URL = new URL('../src/protocol/scanner/skipper-module.ts', import.meta.url);

const OPTIONS =
  '-O3 --converge --noAssert --enable simd --runtime stub --use abort= --initialMemory 1 --maximumMemory 1'.split(' ');

/** The part of the compiler's interface that is used here. */
interface Compiler {
  main(
    options: readonly string[],
    files: { readFile(name: string): Promise<string | null>; writeFile(name: string, bytes: Uint8Array): void },
  ): Promise<{ error: Error | null; stderr: { toString(): string } }>;
}

/** The compiler, or undefined where it is not installed: it is 100 MB, and only who changes the source needs it. */
export async function compiler(): Promise<Compiler | undefined> {
  const name = 'assemblyscript/asc';
  try {
    return ((await import(name)) as { default: Compiler }).default;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** The text of `skipper-module.ts` as it follows from the source. */
export async function compile({ main }: Compiler): Promise<string> {
  const source = await readFile(SOURCE, 'utf8');
  let module: Uint8Array | undefined;
  const { error, stderr } = await main(['skipper.ts', '--outFile', 'skipper.wasm', ...OPTIONS], {
    readFile: (name) => Promise.resolve(name === 'skipper.ts' ? source : null),
    writeFile: (_name, bytes) => {
      module = bytes;
    },
  });
  if (error || !module) throw new Error(`skipper.as does not compile: ${stderr.toString()}`, { cause: error });
  return embedded(Buffer.from(module), await sourceLine());
}

/** The line by which the module says what it was compiled from: it is told from an old one without the compiler. */
export async function sourceLine(): Promise<string> {
  return `// SHA-256 of its source: ${createHash('sha256')
    .update(await readFile(SOURCE))
    .digest('hex')}`;
}

function embedded(module: Buffer, madeOf: string): string {
  const lines = module.toString('base64').match(/.{1,110}/g) ?? [];
  return [
    '// Written by wasm/compile.ts from wasm/skipper.as. Do not edit.',
    madeOf,
    '',
    '/** A WebAssembly module, in base64. */',
    'export const SKIPPER_MODULE: string = [',
    ...lines.map((line) => `  '${line}',`),
    "].join('');",
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = await compiler();
  if (!found) throw new Error(`the compiler is not installed: npm install --no-save ${COMPILER}`);
  await writeFile(EMBEDDED, await compile(found));
}
