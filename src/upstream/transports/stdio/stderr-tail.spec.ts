import { StderrTail } from './stderr-tail.js';

describe('StderrTail', () => {
  it('remembers the end of a flood and no more than it has to', () => {
    const tail = new StderrTail(
      () => 0,
      () => undefined,
    );
    for (let n = 0; n < 1_000; n++) tail.push(Buffer.from(`${n} ${'x'.repeat(1_000)}\n`));

    expect(tail.text().endsWith(`999 ${'x'.repeat(1_000)}\n`)).toBe(true);
    expect(tail.text().length).toBeLessThan(128 * 1_024);
  });

  it('logs at most once a second', () => {
    let now = 0;
    const logged: string[] = [];
    const tail = new StderrTail(
      () => now,
      (text) => logged.push(text),
    );
    for (const at of [0, 10, 999, 1_000, 1_500]) {
      now = at;
      tail.push(Buffer.from(`at ${at}\n`));
    }

    expect(logged).toEqual(['at 0', 'at 1000']);
  });
});
