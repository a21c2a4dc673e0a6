import { ProcessLifecycle } from './lifecycle.js';

describe('the life of the process', () => {
  const done: string[] = [];
  const step = (name: string) => async () => void done.push(name);
  let lifecycle: ProcessLifecycle;

  beforeEach(() => {
    done.length = 0;
    lifecycle = new ProcessLifecycle(0);
  });

  it('begins with its steps in order, and ends once', async () => {
    await lifecycle.start([step('a'), step('b')]);
    expect(lifecycle.draining).toBe(false);
    await Promise.all([lifecycle.stop(step('stop')), lifecycle.stop(step('stop again'))]);

    expect(done).toEqual(['a', 'b', 'stop']);
    expect(lifecycle.draining).toBe(true);
  });

  it('takes no further step once it is to end, and ends only after the one that is under way', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const started = lifecycle.start([() => promise.then(step('a')), step('b')]);
    const stopped = lifecycle.stop(step('stop'));
    resolve();
    await Promise.all([started, stopped]);

    expect(done).toEqual(['a', 'stop']);
  });

  it('ends after a start that failed', async () => {
    const started = lifecycle.start([() => Promise.reject(new Error('no')), step('b')]);
    await expect(started).rejects.toThrow('no');
    await lifecycle.stop(step('stop'));

    expect(done).toEqual(['stop']);
  });
});
