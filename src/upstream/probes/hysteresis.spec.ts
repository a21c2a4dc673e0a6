import { Hysteresis } from './hysteresis.js';

describe('Hysteresis', () => {
  const verdicts = (answers: readonly boolean[]) => {
    const hysteresis = new Hysteresis({ unhealthyThreshold: 3, healthyThreshold: 2 });
    return answers.map((answer) => {
      hysteresis.record(answer);
      return hysteresis.healthy;
    });
  };

  it('turns unhealthy after three failures in a row, healthy after two answers in a row', () => {
    expect(verdicts([false, false, false, true, true])).toEqual([true, true, false, false, true]);
  });

  it('does not flap when every second check fails', () => {
    expect(verdicts([false, true, false, true, false, true])).not.toContain(false);
  });

  it('says when the verdict changes, once', () => {
    const hysteresis = new Hysteresis({ unhealthyThreshold: 2, healthyThreshold: 1 });

    expect([false, false, false, true].map((answer) => hysteresis.record(answer))).toEqual([false, true, false, true]);
  });
});
