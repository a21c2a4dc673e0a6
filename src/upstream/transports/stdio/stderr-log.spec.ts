import { StderrLog } from './stderr-log.js';

describe('StderrLog', () => {
  it('logs at most once a second', () => {
    let now = 0;
    const logged: string[] = [];
    const stderr = new StderrLog(
      () => now,
      (text) => logged.push(text),
    );
    for (const at of [0, 10, 999, 1_000, 1_500]) {
      now = at;
      stderr.push(Buffer.from(`at ${at}\n`));
    }

    expect(logged).toEqual(['at 0', 'at 1000']);
  });

  it('logs no more than a short piece, and nothing that a terminal would obey', () => {
    const logged: string[] = [];
    const stderr = new StderrLog(
      () => 0,
      (text) => logged.push(text),
    );
    stderr.push(Buffer.from(`\u001b[2J${'x'.repeat(100_000)}`));

    expect(logged[0]?.length).toBeLessThan(1_000);
    expect(logged[0]).not.toContain('\u001b');
  });

  it('keeps the end of what was said, however it came', () => {
    const stderr = new StderrLog(
      () => 0,
      () => undefined,
    );
    expect(stderr.lastWords).toBe('');
    for (let line = 0; line < 1_000; line++) stderr.push(Buffer.from(`line ${line}\n`));
    stderr.push(Buffer.from('x'.repeat(3_000) + 'the reason'));
    expect(stderr.lastWords).toMatch(/^x+the reason$/);
    expect(stderr.lastWords).toHaveLength(2_048);
  });
});
