import { Histogram } from 'prom-client';

/** Upper bounds in seconds: fine below a millisecond's multiples, where relaying happens, coarse where tools work. */
const BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

interface Series {
  /** How many fell between the bound before and this one; the last is beyond all bounds. */
  readonly buckets: Float64Array;
  sum: number;
  count: number;
}

type Values = Awaited<ReturnType<Histogram['get']>>['values'];

/**
 * Durations by route and method. Observing one is two look-ups and three additions; the cumulative
 * buckets that Prometheus wants are made when it asks.
 */
export class LatencyHistogram extends Histogram<'method' | 'route'> {
  private readonly byRoute = new Map<string, Map<string, Series>>();

  constructor(
    private readonly metric: string,
    private readonly description: string,
  ) {
    super({ name: metric, help: description, labelNames: ['method', 'route'], buckets: BOUNDS });
  }

  observeMs(route: string, method: string, latencyMs: number): void {
    const series = this.byRoute.get(route)?.get(method) ?? this.open(route, method);
    const seconds = latencyMs / 1_000;
    let bucket = 0;
    while (bucket < BOUNDS.length && seconds > BOUNDS[bucket]!) bucket++;
    series.buckets[bucket]!++;
    series.sum += seconds;
    series.count++;
  }

  /** What JSON is made from: ours are values already, with nothing of prom-client's in them to be taken apart. */
  override async get(): Promise<Awaited<ReturnType<Histogram['get']>>> {
    return (await this.getForPromString()) as Awaited<ReturnType<Histogram['get']>>;
  }

  /** What the text format is made from. prom-client has it, but does not tell TypeScript. */
  async getForPromString(): Promise<object> {
    return { name: this.metric, help: this.description, type: 'histogram', aggregator: 'sum', values: this.values() };
  }

  private values(): Values {
    const values: Values = [];
    for (const [route, methods] of this.byRoute) {
      for (const [method, series] of methods) values.push(...this.rendered({ method, route }, series));
    }
    return values;
  }

  private rendered(labels: Record<'method' | 'route', string>, { buckets, sum, count }: Series): Values {
    const name = this.metric;
    let below = 0;
    const cumulative = BOUNDS.map((le, bucket) => ({
      metricName: `${name}_bucket`,
      labels: { ...labels, le },
      value: (below += buckets[bucket]!),
    }));
    return [
      ...cumulative,
      { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: count },
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: count },
    ];
  }

  private open(route: string, method: string): Series {
    const methods = this.byRoute.get(route) ?? new Map<string, Series>();
    const series: Series = { buckets: new Float64Array(BOUNDS.length + 1), sum: 0, count: 0 };
    this.byRoute.set(route, methods.set(method, series));
    return series;
  }
}
