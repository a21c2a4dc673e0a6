import type { MetricReport } from '../../core/joint-metrics.js';
import { joinMetrics, lasting, ofProcess } from './join-metrics.js';
import { metricsText } from './metrics-text.js';

const metric = (name: string, more: Partial<MetricReport>): MetricReport => ({
  name,
  help: `Of ${name}.`,
  type: 'counter',
  aggregator: 'sum',
  values: [],
  ...more,
});
const values = (...pairs: [Record<string, string>, number][]) => pairs.map(([labels, value]) => ({ labels, value }));

describe('metrics of several workers', () => {
  it('are joined value by value, as each metric says', () => {
    const one = [
      metric('a_total', { values: values([{ x: '1', y: '2' }, 3], [{ x: '2', y: '2' }, 1]) }),
      metric('state', { type: 'gauge', aggregator: 'max', values: values([{}, 2]) }),
      metric('good', { type: 'gauge', aggregator: 'min', values: values([{}, 1]) }),
    ];
    const two = [
      metric('a_total', { values: values([{ y: '2', x: '1' }, 4]) }),
      metric('state', { type: 'gauge', aggregator: 'max', values: values([{}, 0]) }),
      metric('good', { type: 'gauge', aggregator: 'min', values: values([{}, 0]) }),
    ];
    expect(joinMetrics([one, two]).map((joined) => joined.values.map(({ value }) => value))).toEqual([
      [7, 1],
      [2],
      [0],
    ]);
  });

  it('stay apart where they are of a process, and end with it', () => {
    const report = [
      metric('process_cpu_seconds_total', { values: values([{}, 1]) }),
      metric('a_total', { values: values([{}, 1]) }),
      metric('open', { type: 'gauge', values: values([{}, 1]) }),
    ];
    expect(ofProcess(report, '2')[0]!.values).toEqual(values([{ worker: '2' }, 1]));
    expect(lasting(report).map(({ name }) => name)).toEqual(['a_total']);
  });

  it('are written as Prometheus reads them', () => {
    const bucket = { metricName: 'd_bucket', labels: { le: '+Inf', path: 'a"b\\c\n' }, value: 2 };
    expect(metricsText([metric('d', { type: 'histogram', values: [bucket] })])).toBe(
      '# HELP d Of d.\n# TYPE d histogram\nd_bucket{le="+Inf",path="a\\"b\\\\c\\n"} 2\n',
    );
  });
});
