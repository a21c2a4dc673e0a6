/** What a log message may weigh, least severe first (RFC 5424, section 6.2.1). */
export const LOG_LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const SEVERITIES: ReadonlyMap<unknown, number> = new Map(LOG_LEVELS.map((level, severity) => [level, severity]));

export function isLogLevel(value: unknown): value is LogLevel {
  return SEVERITIES.has(value);
}

/** Negative when `a` is less severe than `b`, zero when they are the same. */
export function compareLogLevels(a: LogLevel, b: LogLevel): number {
  return (SEVERITIES.get(a) ?? 0) - (SEVERITIES.get(b) ?? 0);
}
