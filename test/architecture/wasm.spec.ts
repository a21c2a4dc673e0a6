import { readFile } from 'node:fs/promises';

import { compile, compiler, COMPILER, EMBEDDED, sourceLine } from '../../wasm/compile.ts';

describe('the WebAssembly module in the code', () => {
  it('says that it was made of the source as it is', async () => {
    expect(await readFile(EMBEDDED, 'utf8')).toContain(await sourceLine());
  });

  it('is what its source compiles to', async ({ skip }) => {
    const found = (await compiler()) ?? skip(`not installed: npm install --no-save ${COMPILER}`);

    expect(await readFile(EMBEDDED, 'utf8')).toBe(await compile(found));
  });
});
