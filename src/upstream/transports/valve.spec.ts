import { setImmediate } from 'node:timers/promises';

import { Valve } from './valve.js';

describe('Valve', () => {
  let said: string[];
  let valve: Valve;

  beforeEach(() => {
    said = [];
    valve = new Valve({ pause: () => said.push('pause'), resume: () => said.push('resume') });
  });

  it.each([
    ['many bytes', 64 * 1_024, 0],
    ['many messages', 0, 256],
  ])('rests for a turn after %s', async (_, bytes, messages) => {
    valve.took(bytes / 2, messages / 2);
    expect(said).toEqual([]);
    valve.took(bytes / 2, messages / 2);
    expect([said, valve.isShut]).toEqual([['pause'], true]);
    await setImmediate();

    expect([said, valve.isShut]).toEqual([['pause', 'resume'], false]);
  });

  it('stays shut after its rest while it is held, and opens when it is released', async () => {
    valve.took(1_000_000, 0);
    valve.hold();
    await setImmediate();
    expect(said).toEqual(['pause']);
    valve.release();

    expect(said).toEqual(['pause', 'resume']);
  });

  it('stays shut for its rest when it is released meanwhile', async () => {
    valve.hold();
    valve.took(1_000_000, 0);
    valve.release();
    expect(said).toEqual(['pause']);
    await setImmediate();

    expect(said).toEqual(['pause', 'resume']);
  });

  it('touches a source no more that it was closed for', async () => {
    valve.took(1_000_000, 0);
    valve.close();
    valve.hold();
    valve.release();
    await setImmediate();

    expect(said).toEqual(['pause']);
  });
});
