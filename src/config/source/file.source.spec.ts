import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type ConfigRejection, formatProblem } from '../problem.js';
import { FileSource } from './file.source.js';

/** A watched file, and a way to wait for the next change to be seen. */
class Watched {
  readonly source: FileSource;
  readonly stop: () => void;
  private count = 0;
  private wake: () => void = () => undefined;

  constructor(readonly file: string) {
    this.source = new FileSource(file);
    this.stop = this.source.watch(() => {
      this.count++;
      this.wake();
    });
  }

  get changes(): number {
    return this.count;
  }

  /** Settles when so many changes have been seen in all. */
  async seen(count: number): Promise<void> {
    while (this.count < count) await new Promise<void>((resolve) => (this.wake = resolve));
  }

  async name(): Promise<unknown> {
    return (await this.source.read()).tree['name'];
  }
}

let directory: string;
let watched: Watched;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mcp-gateway-watch-'));
});

afterEach(() => {
  watched?.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function watch(file: string): Promise<Watched> {
  watched = new Watched(file);
  await watched.source.read();
  return watched;
}

function replace(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

describe('a watched file', () => {
  it('is seen to change when it is written in place', async () => {
    const file = join(directory, 'gateway.toml');
    writeFileSync(file, 'name = "a"');
    const { name, seen } = bound(await watch(file));

    writeFileSync(file, 'name = "b"');
    await seen(1);

    expect(await name()).toBe('b');
  });

  it('is seen to change with every replacement, not only the first', async () => {
    const file = join(directory, 'gateway.toml');
    writeFileSync(file, 'name = "a"');
    const { name, seen } = bound(await watch(file));

    for (const [index, next] of ['b', 'c', 'd'].entries()) {
      replace(file, `name = "${next}"`);
      await seen(index + 1);
      expect(await name()).toBe(next);
    }
  });

  it('is followed through the symbolic links that Kubernetes swaps', async () => {
    const publish = (version: string): void => {
      mkdirSync(join(directory, `..${version}`));
      writeFileSync(join(directory, `..${version}`, 'gateway.toml'), `name = "${version}"`);
      symlinkSync(`..${version}`, join(directory, '..data_tmp'));
      renameSync(join(directory, '..data_tmp'), join(directory, '..data'));
    };
    publish('one');
    symlinkSync('..data/gateway.toml', join(directory, 'gateway.toml'));
    const { name, seen } = bound(await watch(join(directory, 'gateway.toml')));

    for (const [index, version] of ['two', 'three'].entries()) {
      publish(version);
      await seen(index + 1);
      expect(await name()).toBe(version);
    }
  });

  it('may go away and come back', async () => {
    const file = join(directory, 'gateway.toml');
    writeFileSync(file, 'name = "a"');
    const { name, seen } = bound(await watch(file));

    unlinkSync(file);
    await seen(1);
    await expect(name()).rejects.toMatchObject({ problems: [{ message: 'there is no such file' }] });
    writeFileSync(file, 'name = "b"');
    await seen(2);

    expect(await name()).toBe('b');
  });

  it('is seen to change though its directory is never at rest', async () => {
    const file = join(directory, 'gateway.toml');
    writeFileSync(file, 'name = "a"');
    const { name, seen } = bound(await watch(file));
    const noise = setInterval(() => writeFileSync(join(directory, 'neighbour'), 'x'), 50);
    try {
      writeFileSync(file, 'name = "b"');
      await seen(1);
    } finally {
      clearInterval(noise);
    }

    expect(await name()).toBe('b');
  });

  it('has not changed when it says what it said', async () => {
    const file = join(directory, 'gateway.toml');
    writeFileSync(file, 'name = "a"');
    const { seen } = bound(await watch(file));

    replace(file, 'name = "a"');
    writeFileSync(join(directory, 'neighbour'), 'x');
    replace(file, 'name = "b"');
    await seen(1);

    expect(watched.changes).toBe(1);
  });

  it('is left alone once nobody watches', async () => {
    const file = join(directory, 'gateway.toml');
    const other = join(directory, 'other.toml');
    writeFileSync(file, 'name = "a"');
    writeFileSync(other, 'name = "a"');
    const left = await watch(file);
    left.stop();
    const { seen } = bound(await watch(other));

    writeFileSync(file, 'name = "b"');
    writeFileSync(other, 'name = "b"');
    await seen(1);

    expect(left.changes).toBe(0);
  });
});

describe('a file that cannot be read', () => {
  it.each([
    ['none.toml', 'none.toml: there is no such file'],
    ['.', '.: is a directory'],
  ])('%s is a problem with a reason', async (name, problem) => {
    const found = new FileSource(join(directory, name)).read().catch((thrown: unknown) => thrown as ConfigRejection);
    const [first] = ((await found) as ConfigRejection).problems;

    expect(formatProblem(first!)).toContain(
      problem.replace('.:', `${directory}:`).replace(/^none/, `${directory}/none`),
    );
  });

  it('is one that has become empty: whoever writes it is not done', async () => {
    const file = join(directory, 'gateway.toml');
    const source = new FileSource(file);
    writeFileSync(file, '');
    await source.read();
    writeFileSync(file, 'name = "a"');
    await source.read();
    writeFileSync(file, '');

    await expect(source.read()).rejects.toMatchObject({ problems: [{ message: 'is empty' }] });
  });

  it('is a problem when it is not UTF-8', async () => {
    const file = join(directory, 'latin.toml');
    writeFileSync(file, Buffer.from([0x61, 0xe9]));

    await expect(new FileSource(file).read()).rejects.toMatchObject({ problems: [{ message: 'is not UTF-8' }] });
  });
});

function bound(one: Watched): { name: () => Promise<unknown>; seen: (count: number) => Promise<void> } {
  return { name: () => one.name(), seen: (count) => one.seen(count) };
}
