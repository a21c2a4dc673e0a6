import { KEY } from '../guards.ts';
import { runLoad } from '../load/run-load.ts';
import { median } from '../median.ts';
import { usageOf } from '../process-tree.ts';
import type { LoadReport } from '../plan.ts';
import type { Measured } from './baseline.ts';

const SLICE_SECONDS = 0.5;
const WARM_UP_SECONDS = 0.1;

/** One way to load, and both ways that it goes. */
export interface Ways {
  readonly connections: number;
  readonly depth: number;
  readonly direct: { readonly url: string; readonly serverPid: number };
  readonly gateway: { readonly url: string; readonly pid: number };
}

interface Slice {
  readonly direct: LoadReport;
  readonly through: LoadReport;
  readonly measured: Measured;
}

interface Timed {
  readonly report: LoadReport;
  /** Processor time of those who were watched. */
  readonly cpuUs: readonly number[];
  readonly elapsedUs: number;
}

/** Slices of half a second, direct and through the gateway in turn: what disturbs one disturbs its neighbour as well. */
export class RatioMeasurement {
  private readonly ways: Ways;
  private readonly slices: Slice[] = [];

  constructor(ways: Ways) {
    this.ways = ways;
  }

  /** The median of each ratio over all slices. */
  get measured(): Measured {
    return {
      throughput: median(this.slices.map(({ measured }) => measured.throughput)),
      cost: median(this.slices.map(({ measured }) => measured.cost)),
      occupied: median(this.slices.map(({ measured }) => measured.occupied)),
    };
  }

  /** Replies that were not as they have to be. */
  get faults(): readonly string[] {
    return this.slices.flatMap(({ direct, through }) => [...direct.faults, ...through.faults]);
  }

  /** Adds slices. The first of all is thrown away: everybody compiles then. */
  async add(count: number): Promise<void> {
    if (this.slices.length === 0) await this.slice();
    for (let at = 0; at < count; at++) this.slices.push(await this.slice());
  }

  private async slice(): Promise<Slice> {
    const { direct, gateway } = this.ways;
    const alone = await this.timed(direct.url, [ownCpuUs, () => usageOf(direct.serverPid).cpuUs]);
    const through = await this.timed(gateway.url, [() => usageOf(gateway.pid).cpuUs]);
    const perReply = ({ cpuUs, report }: Timed) => cpuUs.reduce((sum, us) => sum + us, 0) / report.answered;
    return {
      direct: alone.report,
      through: through.report,
      measured: {
        throughput: through.report.perSecond / alone.report.perSecond,
        cost: perReply(through) / perReply(alone),
        occupied: Math.max(...alone.cpuUs) / alone.elapsedUs,
      },
    };
  }

  private async timed(url: string, clocks: readonly (() => number)[]): Promise<Timed> {
    const { connections, depth } = this.ways;
    const began = performance.now();
    const before = clocks.map((clock) => clock());
    const plan = { url, connections, depth, payloadBytes: 100, key: KEY };
    const report = await runLoad({ ...plan, seconds: SLICE_SECONDS, warmUpSeconds: WARM_UP_SECONDS });
    const cpuUs = clocks.map((clock, at) => clock() - (before[at] ?? 0));
    return { report, cpuUs, elapsedUs: (performance.now() - began) * 1_000 };
  }
}

/** Of this process, which is the generator. */
function ownCpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
