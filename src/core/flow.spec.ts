import { Flow } from './flow.js';

describe('a flow', () => {
  it('calls at once while it is clear', () => {
    const called = vi.fn();
    new Flow().whenClear(called);
    expect(called).toHaveBeenCalledTimes(1);
  });

  it('calls everybody once, in turn, when it is clear again', () => {
    const flow = new Flow();
    const called: number[] = [];
    flow.congest();
    for (const nth of [1, 2, 3]) flow.whenClear(() => called.push(nth));
    expect(called).toEqual([]);
    flow.clear();
    flow.congest();
    flow.clear();
    expect(called).toEqual([1, 2, 3]);
  });

  it('lets the others wait on when one of them congests it again', () => {
    const flow = new Flow();
    const called: number[] = [];
    flow.congest();
    for (const nth of [1, 2]) {
      flow.whenClear(() => {
        called.push(nth);
        flow.congest();
      });
    }
    flow.clear();
    expect(called).toEqual([1]);
    flow.clear();
    expect(called).toEqual([1, 2]);
  });
});
