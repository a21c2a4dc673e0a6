import { ManualClock } from '../../test/support/manual-clock.js';
import { paceOf } from '../core/gcra.js';
import { FrameMeter } from './frame-meter.js';

describe('a meter of frames', () => {
  const pace = paceOf(20, 1_000, 100);

  it('lets a burst and the pace through, for ever', () => {
    const clock = new ManualClock();
    const meter = new FrameMeter(clock);
    for (let frame = 0; frame < 100; frame++) expect(meter.exceeds(pace)).toBe(false);
    expect(meter.exceeds(pace)).toBe(true);
    for (let frame = 0; frame < 1_000; frame++) {
      clock.advance(50);
      expect(meter.exceeds(pace)).toBe(false);
    }
    expect(meter.exceeds(pace)).toBe(true);
  });

  it('has nothing against anything where there is no pace', () => {
    const meter = new FrameMeter(new ManualClock());
    for (let frame = 0; frame < 10_000; frame++) expect(meter.exceeds(undefined)).toBe(false);
  });

  it('holds nothing of a slower pace against whoever may go faster now', () => {
    const meter = new FrameMeter(new ManualClock());
    const slow = paceOf(1, 60_000, 10);
    for (let frame = 0; frame < 10; frame++) meter.exceeds(slow);
    expect(meter.exceeds(slow)).toBe(true);
    const clock = new ManualClock();
    const other = new FrameMeter(clock);
    for (let frame = 0; frame < 10; frame++) other.exceeds(slow);
    other.exceeds(pace);
    clock.advance(50);
    expect(other.exceeds(pace)).toBe(false);
  });
});
