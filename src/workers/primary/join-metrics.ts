import type { MetricJoin, MetricReport, MetricValue } from '../../core/joint-metrics.js';

/** What is of one process alone: a sum or a maximum of it would be of none. */
const OF_A_PROCESS = /^(process|nodejs)_/;

type Join = (values: readonly number[]) => number | undefined;

const JOINS: Readonly<Record<MetricJoin, Join>> = {
  sum: (values) => values.reduce((sum, value) => sum + value, 0),
  average: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  min: (values) => Math.min(...values),
  max: (values) => Math.max(...values),
  first: ([value]) => value,
  omit: () => undefined,
};

/** Makes one report of those of several workers, value by value, as each metric says. */
export function joinMetrics(reports: readonly (readonly MetricReport[])[]): MetricReport[] {
  const byName = Map.groupBy(reports.flat(), ({ name }) => name);
  return Array.from(byName.values(), joinMetric);
}

function joinMetric(reports: readonly MetricReport[]): MetricReport {
  const [first] = reports as readonly [MetricReport];
  const join = JOINS[first.aggregator] ?? JOINS.sum;
  const groups = Map.groupBy(
    reports.flatMap(({ values }) => values),
    keyOf,
  );
  const values = Array.from(groups.values(), (same): MetricValue[] => {
    const value = join(same.map((each) => each.value));
    return value === undefined ? [] : [{ ...(same[0] as MetricValue), value }];
  });
  return { ...first, values: values.flat() };
}

/** A report in which what is of one process says of which. */
export function ofProcess(report: readonly MetricReport[], worker: string): MetricReport[] {
  return report.map((metric) =>
    OF_A_PROCESS.test(metric.name)
      ? { ...metric, values: metric.values.map((value) => ({ ...value, labels: { ...value.labels, worker } })) }
      : metric,
  );
}

/** Of a report what still counts when its worker has ended: what was counted, and nothing of how it was. */
export function lasting(report: readonly MetricReport[]): MetricReport[] {
  return report.filter(({ type, name }) => (type === 'counter' || type === 'histogram') && !OF_A_PROCESS.test(name));
}

function keyOf({ metricName = '', labels }: MetricValue): string {
  const sorted = Object.entries(labels).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([metricName, sorted]);
}
