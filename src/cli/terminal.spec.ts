import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';

import { written } from './terminal.js';

describe('what a command has written', () => {
  it('has left when it is said to, however slow the reader', async () => {
    const taken: string[] = [];
    const slow = new Writable({
      decodeStrings: false,
      write: (chunk: string, _, done) => setImmediate(() => (taken.push(chunk), done())),
    });
    for (const line of ['one', 'two', 'three']) slow.write(line);
    await written(slow);
    expect(taken.filter(Boolean)).toEqual(['one', 'two', 'three']);
  });

  it('is not waited for when there is nobody to read it', async () => {
    const broken = new Writable({ write: (_, __, done) => setImmediate(done, new Error('EPIPE')) });
    broken.write('one');
    await expect(written(broken)).resolves.toBeUndefined();
  });

  it('is more than a pipe has room for, and all of it arrives', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'mcp-terminal-'));
    const pipe = join(directory, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(pipe, 'w');
    const bin = join(import.meta.dirname, '../../bin/mcp-gateway');
    const child = spawn(process.execPath, [bin, 'schema'], { stdio: ['ignore', writer, 'inherit'] });
    const ended = once(child, 'exit');
    closeSync(writer);
    let text = '';
    const part = Buffer.alloc(4_096);
    for (let isOver = false; !isOver; await new Promise((resolve) => setImmediate(resolve))) {
      try {
        const length = readSync(reader, part);
        text += part.toString('latin1', 0, length);
        isOver = length === 0;
      } catch (thrown) {
        expect((thrown as NodeJS.ErrnoException).code).toBe('EAGAIN');
      }
    }
    expect(await ended).toEqual([0, null]);
    expect(text.length).toBeGreaterThan(65_536);
    expect(JSON.parse(text)).toHaveProperty('$schema');
    closeSync(reader);
    rmSync(directory, { recursive: true });
  });
});
