import { faultsOf, generate, type LoadReport } from '../generator.ts';
import { Program } from '../program.ts';
import type { Leg, Shape } from '../scenarios/scenario.ts';
import { nativeProgram, nativeRefusal } from './build.ts';

const refusal = nativeRefusal();
const DURATION = { seconds: 0.1, warmUp: 0, patience: 0.5 };
const LEGS: readonly Leg[] = (['legacy', 'modern'] as const).flatMap((era) => [
  { transport: 'ws', era },
  { transport: 'http', era },
]);

/** What the generator makes of an echo server that is started with some options. */
async function loaded(leg: Leg, options: readonly string[], shape: Shape = 'echo', size = 100): Promise<LoadReport> {
  await using echo = new Program([nativeProgram('echo'), ...options]);
  const { port } = await echo.nextReport<{ port: number }>();
  const callee = { url: `${leg.transport}://127.0.0.1:${port}/mcp`, leg };
  return await generate(callee, { connections: 3, depth: 2, shape, size }, DURATION);
}

describe.skipIf(refusal)(`the load generator${refusal === undefined ? '' : `, not tested: ${refusal}`}`, () => {
  describe.each(LEGS)('over $transport, $era', (leg) => {
    it.each([
      ['echo', 100],
      ['echo', 100_000],
      ['text', 100_000],
      ['nested', 100_000],
      ['list', 3],
    ] as const)('finds no fault with an honest server: %s of %d', async (shape, size) => {
      const report = await loaded(leg, [], shape, size);

      expect(report.faults).toEqual([]);
      expect(faultsOf(report)).toBe(0);
      expect(report.answered).toBeGreaterThan(0);
    });

    it('counts replies with another payload, and goes on', async () => {
      const report = await loaded(leg, ['--lie', 'payload', '--lie-every', '10']);

      expect(report.wrong).toBeGreaterThan(1);
      expect(report.answered).toBeGreaterThan(report.wrong);
      expect(report.faults[0]).toContain('wrong reply');
    });

    it('counts errors', async () => {
      expect((await loaded(leg, ['--lie', 'error', '--lie-every', '10'])).wrong).toBeGreaterThan(1);
    });

    it('counts replies with the id of another call', async () => {
      expect(faultsOf(await loaded(leg, ['--lie', 'id', '--lie-every', '10']))).toBeGreaterThan(1);
    });

    it('notices a list that is too short', async () => {
      expect((await loaded(leg, ['--tools', '4', '--name', 'x'], 'list', 5)).wrong).toBeGreaterThan(0);
    });
  });

  it.each(['legacy', 'modern'] as const)('counts replies that never come, %s', async (era) => {
    const report = await loaded({ transport: 'ws', era }, ['--lie', 'missing', '--lie-every', '50']);

    expect(report).toMatchObject({ missing: 6, wrong: 0, duplicate: 0 });
  });

  it('counts second replies', async () => {
    const report = await loaded({ transport: 'ws', era: 'modern' }, ['--lie', 'duplicate']);

    expect(report).toMatchObject({ missing: 0, wrong: 0 });
    expect(report.duplicate).toBe(report.answered);
  });

  it('counts clients that are not let in', async () => {
    const callee = { url: 'ws://127.0.0.1:1/mcp', leg: { transport: 'ws', era: 'legacy' } } as const;

    expect(await generate(callee, { connections: 3, depth: 1, shape: 'echo', size: 100 }, DURATION)).toMatchObject({
      broken: 3,
    });
  });

  it('keeps to a rate, and counts latency from when a call was due', async () => {
    await using echo = new Program([nativeProgram('echo')]);
    const { port } = await echo.nextReport<{ port: number }>();
    const callee = { url: `ws://127.0.0.1:${port}/mcp`, leg: { transport: 'ws', era: 'modern' } } as const;
    const load = { connections: 2, depth: 1, shape: 'echo', size: 100, rate: 500 } as const;
    const report = await generate(callee, load, { seconds: 0.4, warmUp: 0 });

    expect(report.answered + report.unsent).toBe(200);
    expect(report.faults).toEqual([]);
  });
});
