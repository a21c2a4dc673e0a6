import type { MetricReport } from '../../core/joint-metrics.js';

const STARTED_AT = Date.now() / 1_000 - process.uptime();

/** What the primary shows of itself: names and meaning are those that workers have. */
export function ownMetrics(): MetricReport[] {
  const { user, system } = process.cpuUsage();
  return [
    metric('process_cpu_user_seconds_total', 'counter', 'Total user CPU time spent in seconds.', user / 1e6),
    metric('process_cpu_system_seconds_total', 'counter', 'Total system CPU time spent in seconds.', system / 1e6),
    metric(
      'process_cpu_seconds_total',
      'counter',
      'Total user and system CPU time spent in seconds.',
      (user + system) / 1e6,
    ),
    metric('process_start_time_seconds', 'gauge', 'Start time of the process since unix epoch in seconds.', STARTED_AT),
    metric('process_resident_memory_bytes', 'gauge', 'Resident memory size in bytes.', process.memoryUsage.rss()),
  ];
}

function metric(name: string, type: string, help: string, value: number): MetricReport {
  return { name, help, type, aggregator: 'first', values: [{ value, labels: {} }] };
}
