import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as fc from 'fast-check';

import { ChainFile } from './chain-file.js';
import { verifyChain } from './verification.js';

const KEY = 'k'.repeat(32);

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mcp-gateway-audit-'));
  file = join(directory, 'audit.jsonl');
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

function chain(more: { key?: string | undefined; maxBytes?: number } = {}): ChainFile {
  return new ChainFile({ file, key: undefined, maxBytes: 1_000_000, time: () => '2026-01-01T00:00:00.000Z', ...more });
}

async function write(count: number, more: Parameters<typeof chain>[0] = {}, mark = 'é�'): Promise<void> {
  const opened = chain(more);
  await opened.append(Array.from({ length: count }, (_, index) => ({ event: 'test', object: `${mark} ${index}` })));
  await opened.close();
}

function events(of = file): unknown[] {
  return readFileSync(of, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { event: unknown }).event);
}

const files = (): string[] => readdirSync(directory).map((name) => join(directory, name));

describe('an audit file', () => {
  it('is made for its owner alone, and is a chain from its first line', async () => {
    await write(3);

    expect(statSync(file).mode & 0o777).toBe(0o600);
    const [first, second] = readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => (line ? JSON.parse(line) : {}) as Record<string, unknown>);
    expect(first).toMatchObject({ seq: 1, prev: '0'.repeat(64), hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(second).toMatchObject({ seq: 2, prev: first!['hash'] });
    expect(await verifyChain([file], undefined)).toMatchObject({ lines: 3, first: 1, problem: undefined });
  });

  it('is not written beside another process: what that has written is set aside, and each chain is whole', async () => {
    const ours = chain();
    await ours.append([{ event: 'ours' }]);
    await write(1, {}, 'theirs');
    const waiting = [{ event: 'ours' }];
    await expect(ours.append(waiting)).rejects.toMatchObject({ code: 'EFOREIGN' });
    await ours.append(waiting);
    await ours.close();
    expect(waiting).toEqual([]);
    for (const each of files()) expect(await verifyChain([each], undefined)).toMatchObject({ problem: undefined });
    expect(events()).toEqual(['audit.continued', 'ours']);
  });

  it('goes on where it ended', async () => {
    await write(2);
    await write(2);

    expect(await verifyChain([file], undefined)).toMatchObject({ lines: 4, last: { seq: 4 }, problem: undefined });
  });

  it.each(['{"seq":3,"event":"ha', '{"seq":3}', 'x\n{"seq":3,"ev'])(
    'sets aside what a crash has left of a line: %s',
    async (torn) => {
      await write(2);
      appendFileSync(file, torn);
      await write(1);

      const found = await verifyChain([file], undefined);
      expect(found).toMatchObject({ lines: 4, last: { seq: 4 }, problem: undefined });
      expect(readFileSync(file, 'utf8')).toContain(
        `"event":"audit.resumed","detail":{"torn_bytes":${torn.length},"torn_sha256":`,
      );
    },
  );

  it('finds what is changed of what a crash has left', async () => {
    await write(2);
    appendFileSync(file, '{"seq":3,"event":"ha');
    await write(1);
    writeFileSync(file, readFileSync(file, 'utf8').replace('"ha\n', '"hu\n'));

    expect((await verifyChain([file], undefined)).problem).toEqual({ file, line: 3, why: 'it is not a whole record' });
  });

  it('finishes a last line that lacks nothing but its end', async () => {
    await write(2);
    writeFileSync(file, readFileSync(file, 'utf8').trimEnd());
    expect((await verifyChain([file], undefined)).problem).toMatchObject({ line: 2 });
    await write(1);

    expect(await verifyChain([file], undefined)).toMatchObject({ lines: 3, problem: undefined });
  });

  it('is set aside when it is full, and the chain goes on in the next', async () => {
    await write(100, { maxBytes: 4_096 });
    await write(100, { maxBytes: 4_096 });

    expect(files().length).toBeGreaterThan(5);
    for (const each of files()) {
      expect(statSync(each).size).toBeLessThanOrEqual(4_096);
      expect((await verifyChain([each], undefined)).problem).toBeUndefined();
    }
    const whole = await verifyChain(files(), undefined);
    expect(whole).toMatchObject({ first: 1, problem: undefined });
    expect(whole.lines).toBe(whole.last!.seq);
    const [, ...without] = files().toSorted();
    expect((await verifyChain([...without.slice(0, 1), ...without.slice(2)], undefined)).problem?.why).toMatch(
      /missing/,
    );
  });

  it('takes up the chain of the last one that was set aside when it is gone itself', async () => {
    await write(100, { maxBytes: 4_096 });
    rmSync(file);
    await write(1);

    expect(events()[0]).toBe('audit.continued');
    const aside = files().filter((each) => each !== file);
    expect(await verifyChain(aside, undefined)).toMatchObject({ problem: undefined });
  });

  it('begins anew where others moved it away, with the same chain', async () => {
    const opened = chain();
    await opened.append([{ event: 'one' }]);
    renameSync(file, `${file}.moved`);
    await opened.append([{ event: 'two' }]);
    await opened.close();

    expect(events()).toEqual(['audit.continued', 'two']);
    expect(await verifyChain([`${file}.moved`, file], undefined)).toMatchObject({ lines: 3, problem: undefined });
  });

  it('leaves a file that was sealed with another key, or is none of ours, as it is', async () => {
    await write(2);
    await write(1, { key: KEY });
    expect(await verifyChain([file], KEY)).toMatchObject({ first: 3, lines: 2, problem: undefined });
    expect(events()).toEqual(['audit.continued', 'test']);

    writeFileSync(file, 'a shopping list\n');
    await write(1, { key: KEY });
    expect(files().some((each) => readFileSync(each, 'utf8') === 'a shopping list\n')).toBe(true);
    expect(await verifyChain([file], KEY)).toMatchObject({ problem: undefined });
  });

  it('is no directory', async () => {
    mkdirSync(file);

    await expect(chain().open()).rejects.toMatchObject({ code: 'EISDIR' });
  });

  it('writes what the disk did not take when it has room again, and nothing twice', async () => {
    const opened = chain();
    await opened.append([{ event: 'first' }]);
    const queue: object[] = Array.from({ length: 5 }, (_, index) => ({ event: `e${index}` }));
    const { handle } = opened as unknown as { handle: { write: (...args: unknown[]) => Promise<unknown> } };
    const write = handle.write.bind(handle);
    handle.write = async (bytes, offset) => {
      handle.write = () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }));
      return await write(bytes, offset, 100);
    };
    await expect(opened.append(queue)).rejects.toMatchObject({ code: 'ENOSPC' });
    expect((await verifyChain([file], undefined)).problem).toMatchObject({ line: 2, why: 'it is not a whole record' });
    handle.write = write;
    await opened.append([...queue, { event: 'last' }]);
    await opened.close();

    expect(events()).toEqual(['first', 'e0', 'e1', 'e2', 'e3', 'e4', 'last']);
    expect(await verifyChain([file], undefined)).toMatchObject({ lines: 7, problem: undefined });
  });
});

describe.each([
  ['without a key', undefined],
  ['with a key', KEY],
])('a chain %s', (_, key) => {
  let bytes: Buffer;
  let lines: Buffer[];

  beforeEach(async () => {
    await write(8, { key });
    bytes = readFileSync(file);
    lines = bytes
      .toString('latin1')
      .split('\n')
      .slice(0, -1)
      .map((line) => Buffer.from(`${line}\n`, 'latin1'));
  });

  async function problemOf(...changed: Buffer[]): Promise<number | undefined> {
    writeFileSync(file, Buffer.concat(changed));
    return (await verifyChain([file], key)).problem?.line;
  }

  it('shows any byte that was changed, in its line', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Buffer.from(bytes);
        changed[at] = changed[at]! ^ flip;
        const line = bytes.subarray(0, at).filter((byte) => byte === 10).length + 1;
        expect(await problemOf(changed)).toBe(line);
      }),
      { numRuns: 150 },
    );
  });

  it('shows where a line is missing, but for the last', async () => {
    for (let at = 0; at < lines.length - 1; at++) expect(await problemOf(...lines.toSpliced(at, 1))).toBe(at + 1);
    expect(await problemOf(...lines.slice(0, -1))).toBeUndefined();
  });

  it('shows lines that changed places, stand twice or were cut in two', async () => {
    for (let at = 0; at < lines.length - 1; at++) {
      expect(await problemOf(...lines.toSpliced(at, 2, lines[at + 1]!, lines[at]!))).toBe(at + 1);
      expect(await problemOf(...lines.toSpliced(at, 0, lines[at]!))).toBe(at + 2);
      expect(await problemOf(...lines.slice(0, at), lines[at]!.subarray(0, 40))).toBe(at + 1);
    }
  });
});

it('a line that was sealed anew with the wrong key is found', async () => {
  await write(3, { key: KEY });
  expect((await verifyChain([file], 'x'.repeat(32))).problem).toMatchObject({
    line: 1,
    why: expect.stringContaining('another key'),
  });
  expect((await verifyChain([file], undefined)).problem).toMatchObject({
    line: 1,
    why: expect.stringContaining('--key-file'),
  });
});
