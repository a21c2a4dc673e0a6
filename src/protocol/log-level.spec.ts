import { compareLogLevels, isLogLevel, LOG_LEVELS } from './log-level.js';

describe('log levels', () => {
  it('stand in order', () => {
    expect(LOG_LEVELS.toSorted(compareLogLevels)).toEqual([...LOG_LEVELS]);
    expect(compareLogLevels('debug', 'emergency')).toBeLessThan(0);
    expect(compareLogLevels('error', 'error')).toBe(0);
  });

  it('are eight and no more', () => {
    expect(LOG_LEVELS).toHaveLength(8);
    expect(isLogLevel('warning')).toBe(true);
    expect(isLogLevel('warn')).toBe(false);
    expect(isLogLevel(undefined)).toBe(false);
  });
});
