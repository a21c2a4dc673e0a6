import { CrashLoop } from './crash-loop.js';

describe('CrashLoop', () => {
  it('is running once a server was lost five times within a minute', () => {
    const loop = new CrashLoop();
    for (const at of [0, 10_000, 20_000, 30_000]) loop.lost(at);
    expect(loop.isRunning(30_000)).toBe(false);

    loop.lost(59_999);

    expect(loop.isRunning(59_999)).toBe(true);
  });

  it('is not running when the losses are spread over more than a minute', () => {
    const loop = new CrashLoop();
    for (const at of [0, 20_000, 40_000, 60_000, 80_000]) loop.lost(at);

    expect(loop.isRunning(80_000)).toBe(false);
  });

  it('is over when a minute has passed', () => {
    const loop = new CrashLoop();
    for (const at of [0, 1, 2, 3, 4]) loop.lost(at);

    expect(loop.isRunning(61_000)).toBe(false);
  });
});
