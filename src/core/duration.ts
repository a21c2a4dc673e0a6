const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const WRITTEN = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** Milliseconds. */
export type Duration = number;

/**
 * Reads a duration of the configuration: a bare number is seconds, a string carries its unit
 * (`"250ms"`, `"30s"`, `"5m"`, `"1h"`, `"1d"`). Undefined for anything else.
 */
export function parseDuration(written: unknown): Duration | undefined {
  const ms = millisecondsOf(written);
  return ms >= 0 && Number.isFinite(ms) ? ms : undefined;
}

function millisecondsOf(written: unknown): number {
  if (typeof written === 'number') return written * 1_000;
  const match = typeof written === 'string' ? WRITTEN.exec(written) : null;
  return match ? Number(match[1]) * UNITS[match[2] as keyof typeof UNITS] : Number.NaN;
}

/** The shortest way to write a duration that `parseDuration` reads back. */
export function formatDuration(ms: Duration): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    if (ms >= UNITS[unit] && ms % UNITS[unit] === 0) return `${ms / UNITS[unit]}${unit}`;
  }
  return `${ms}ms`;
}
