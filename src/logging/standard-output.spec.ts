import { ManualClock } from '../../test/support/manual-clock.js';
import { SHARED_WRITE_BYTES, StandardOutput } from './standard-output.js';
import { wholeLines } from './whole-lines.js';

/** A pipe with room for so many bytes, which a reader empties when told to. */
class Pipe {
  read = '';
  error: string | undefined;

  constructor(public room: number) {}

  readonly put = (bytes: Buffer): number => {
    if (this.error) throw Object.assign(new Error('pipe'), { code: this.error });
    if (this.room === 0) throw Object.assign(new Error('pipe'), { code: 'EAGAIN' });
    const taken = bytes.subarray(0, this.room);
    this.room -= taken.length;
    this.read += taken.toString();
    return taken.length;
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('standard output', () => {
  let clock: ManualClock;
  let pipe: Pipe;
  let output: StandardOutput;

  beforeEach(() => {
    clock = new ManualClock();
    pipe = new Pipe(1_000);
    output = new StandardOutput(clock, pipe.put);
  });

  it('is written to once a turn', async () => {
    const put = vi.spyOn(pipe, 'put');
    output = new StandardOutput(clock, pipe.put);
    output.write('one\n');
    output.write('two\n');
    expect(pipe.read).toBe('');

    await turn();
    expect(pipe.read).toBe('one\ntwo\n');
    expect(put).toHaveBeenCalledOnce();
  });

  it('is written to a little later with what comes by the thousand', async () => {
    output.soon()?.text('one\n').end();
    await turn();
    output.soon()?.text('two\n').end();
    clock.advance(9);
    expect(pipe.read).toBe('');

    clock.advance(1);
    expect(pipe.read).toBe('one\ntwo\n');
    expect(clock.timers).toBe(0);
    output.soon()?.text('three\n').end();
    clock.advance(10);
    expect(pipe.read).toBe('one\ntwo\nthree\n');
  });

  it('keeps the order of what may wait and what may not', async () => {
    output.soon()?.text('one\n').end();
    output.write('two\n');
    output.soon()?.text('three\n').end();
    await turn();
    expect(pipe.read).toBe('one\ntwo\nthree\n');

    output.write('four\n');
    output.soon()?.text('five\n').end();
    await turn();
    output.soon()?.text('six\n').end();
    clock.advance(10);
    expect(pipe.read).toBe('one\ntwo\nthree\nfour\nfive\nsix\n');
    clock.advance(10);
    expect(clock.timers).toBe(0);
  });

  it('lets nothing wait for long, or in any number', () => {
    pipe.room = 1_000_000;
    for (let n = 0; n < 1_000; n++)
      output
        .soon()
        ?.text(`${'x'.repeat(99)}\n`)
        .end();
    expect(pipe.read.length).toBeGreaterThanOrEqual(64 * 1_024);

    output.finish();
    expect(pipe.read).toHaveLength(100_000);
  });

  it('does not gather for long', () => {
    pipe.room = 100_000;
    output.write(`${'x'.repeat(64 * 1_024)}\n`);

    expect(pipe.read).toHaveLength(64 * 1_024 + 1);
  });

  it('keeps lines in order and whole while the reader is behind', async () => {
    pipe.room = 6;
    for (const line of ['one\n', 'two\n', 'three\n']) output.write(line);
    await turn();
    expect(pipe.read).toBe('one\ntw');

    pipe.room = 3;
    clock.advance(5);
    output.write('four\n');
    await turn();
    expect(pipe.read).toBe('one\ntwo\nt');

    pipe.room = 100;
    clock.advance(5);
    output.write('five\n');
    await turn();
    expect(pipe.read).toBe('one\ntwo\nthree\nfour\nfive\n');
    expect(clock.timers).toBe(0);
  });

  it('drops what would not fit into memory, and says how much', () => {
    pipe.room = 0;
    const line = `${'x'.repeat(1_023)}\n`;
    for (let n = 0; n < 9 * 1_024; n++) output.write(line);

    pipe.room = Infinity;
    clock.advance(5);
    const lines = pipe.read.trimEnd().split('\n');
    expect(lines).toHaveLength(8 * 1_024 + 1);
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ level: 'warn', dropped: 1_024 });
  });

  it('drops lines of which there are thousands as all others', () => {
    pipe.room = 0;
    for (let n = 0; n < 9 * 1_024; n++)
      output
        .soon()
        ?.text(`${'x'.repeat(1_023)}\n`)
        .end();

    pipe.room = Infinity;
    clock.advance(10);
    const lines = pipe.read.trimEnd().split('\n');
    expect(lines).toHaveLength(8 * 1_024 + 1);
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ level: 'warn', dropped: 1_024 });
    expect(clock.timers).toBe(0);
  });

  it('is quiet when the reader has gone', async () => {
    pipe.error = 'EPIPE';
    output.write('one\n');
    await turn();
    pipe.error = undefined;
    output.write('two\n');
    await turn();

    expect(pipe.read).toBe('');
    expect(clock.timers).toBe(0);
  });

  it('hands over what waits when the process ends', async () => {
    pipe.room = 0;
    output.write('last ');
    await turn();
    output.soon()?.text('words\n').end();
    pipe.room = 100;
    output.finish();

    expect(pipe.read).toBe('last words\n');
  });

  it('does not put off the end of the process for ever', () => {
    pipe.room = 0;
    output.write('last words\n');
    const put = vi.spyOn(clock, 'now').mockImplementation(() => put.mock.calls.length * 100);
    output.finish();

    expect(pipe.read).toBe('');
  });

  it('that is shared is written to in whole lines that a pipe takes in one piece', async () => {
    // Takes nothing that it has no room for, as a pipe does with what is short.
    const written: string[] = [];
    let room = SHARED_WRITE_BYTES;
    const put = (bytes: Buffer): number => {
      if (bytes.length > room) throw Object.assign(new Error('pipe'), { code: 'EAGAIN' });
      room -= bytes.length;
      written.push(bytes.toString());
      return bytes.length;
    };
    output = new StandardOutput(clock, put, SHARED_WRITE_BYTES);
    const lines = Array.from({ length: 100 }, (_, n) => `${n} ${'é'.repeat((n * 37) % 400)}\n`);
    for (const line of lines) output.write(line);
    await turn();
    while (clock.timers > 0) {
      room = SHARED_WRITE_BYTES;
      clock.advance(5);
    }
    expect(written.join('')).toBe(lines.join(''));
    expect(written.filter((part) => !part.endsWith('\n') || Buffer.byteLength(part) > SHARED_WRITE_BYTES)).toEqual([]);
  });
});

describe('whole lines', () => {
  const of = (text: string, within: number) => wholeLines(Buffer.from(text), within).toString();

  it('are as many as fit, and never less than one', () => {
    expect(of('one\ntwo\nthree\n', 99)).toBe('one\ntwo\nthree\n');
    expect(of('one\ntwo\nthree\n', 8)).toBe('one\ntwo\n');
    expect(of('one\ntwo\nthree\n', 7)).toBe('one\n');
    expect(of('three\none\n', 5)).toBe('three\n');
    expect(of('three\n', 2)).toBe('three\n');
  });
});
