import type { MetricReport, MetricValue } from '../../core/joint-metrics.js';

/** @see https://prometheus.io/docs/instrumenting/exposition_formats/ */
export const METRICS_MEDIA_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Metrics in the text format of Prometheus. */
export function metricsText(report: readonly MetricReport[]): string {
  return report.map((metric) => `${metricLines(metric).join('\n')}\n`).join('\n');
}

function metricLines({ name, help, type, values }: MetricReport): string[] {
  const head = [`# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`, `# TYPE ${name} ${type}`];
  return [...head, ...values.map((value) => valueLine(name, value))];
}

function valueLine(name: string, { metricName = name, labels, value }: MetricValue): string {
  const written = Object.entries(labels).map(([label, text]) => `${label}="${escaped(String(text))}"`);
  const said = written.length === 0 ? '' : `{${written.join(',')}}`;
  return `${metricName}${said} ${numberText(value)}`;
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
