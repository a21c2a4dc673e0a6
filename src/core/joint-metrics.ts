import { topic } from './worker-bus.js';

/** How the values that several workers have for the same labels become one. */
export type MetricJoin = 'sum' | 'min' | 'max' | 'first' | 'average' | 'omit';

/** One metric with all its values, as prom-client gives it. */
export interface MetricReport {
  readonly name: string;
  readonly help: string;
  /** `counter`, `gauge`, `histogram` or `summary`. */
  readonly type: string;
  readonly aggregator: MetricJoin;
  readonly values: readonly MetricValue[];
}

export interface MetricValue {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  /** Where it is another name than that of the metric: `…_bucket`, `…_sum`, `…_count`. */
  readonly metricName?: string;
}

/** Asks a worker for its metrics. */
export const METRICS_TOLD = topic<undefined, readonly MetricReport[]>('metrics.told');

/** What a worker has counted that is about to end: it answers nothing any more. Answered when it is noted. */
export const METRICS_LEFT = topic<readonly MetricReport[], boolean>('metrics.left');

/** Where the joined metrics are to be served, and how. */
export interface MetricsPlace {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** Whether a request must be addressed to this machine: as long as only it can be meant, no other name is ours. */
  readonly ownHostsOnly: boolean;
  /** Options of `node:tls`; undefined for plain HTTP. */
  readonly tls: object | undefined;
}

/** Where they are, or the code of what the system had against it. */
export type MetricsServed = { readonly url: string } | { readonly refused: string };

/** Asks the primary to serve the joined metrics. Where it does already, it takes the certificate and nothing else. */
export const METRICS_SERVED = topic<MetricsPlace, MetricsServed>('metrics.served');
