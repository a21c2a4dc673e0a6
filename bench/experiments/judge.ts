import { median } from '../median.ts';
import type { Goal } from '../scenarios/goal.ts';
import type { Verdict } from './experiment.ts';

type Measure = Pick<Goal, 'what' | 'unit' | 'isFloor' | 'must' | 'goal'>;

/** Judges the median of what was measured, round by round. */
export function judge({ what, unit, isFloor, must, goal }: Measure, values: readonly number[]): Verdict {
  const bound = (limit: number | undefined) =>
    limit === undefined ? '' : `${isFloor ? '≥' : '≤'} ${number(limit, unit)}`;
  const middle = median(values);
  const holds = (limit: number | undefined) => {
    if (limit === undefined || !Number.isFinite(middle)) return undefined;
    return isFloor ? middle >= limit : middle <= limit;
  };
  return {
    what,
    measured: Number.isFinite(middle) ? spread(values, unit) : 'not measured',
    must: bound(must),
    isMet: holds(must),
    goal: bound(goal),
    isReached: holds(goal),
  };
}

/** The median of some values, with the least and the greatest of them. */
export function spread(values: readonly number[], unit: Goal['unit']): string {
  const range = `[${digits(Math.min(...values), unit)}–${digits(Math.max(...values), unit)}]`;
  const middle = digits(median(values), unit);
  return (values.length < 2 ? middle : `${middle} ${range}`) + suffix(unit);
}

const DIGITS: Readonly<Record<Goal['unit'], number>> = { '×': 2, µs: 0, ms: 2, s: 3, '/s': 0, MiB: 1, KiB: 2, '': 0 };

function number(value: number, unit: Goal['unit']): string {
  return digits(value, unit) + suffix(unit);
}

function digits(value: number, unit: Goal['unit']): string {
  return value.toLocaleString('en', { minimumFractionDigits: DIGITS[unit], maximumFractionDigits: DIGITS[unit] });
}

function suffix(unit: Goal['unit']): string {
  return unit === '' || unit === '/s' ? unit : ` ${unit}`;
}
