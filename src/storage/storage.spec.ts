import { ManualClock } from '../../test/support/manual-clock.js';
import type { KeyValue } from './key-value.js';
import { MemoryStore } from './memory.store.js';

const STORES: readonly [string, (clock: ManualClock) => KeyValue][] = [['memory', (clock) => new MemoryStore(clock)]];

describe.each(STORES)('the %s store', (_name, open) => {
  let clock: ManualClock;
  let store: KeyValue;

  beforeEach(() => {
    clock = new ManualClock();
    store = open(clock);
  });

  it('gives back what was set', async () => {
    await store.set('a', 'one', 1_000);
    expect(await store.get('a')).toBe('one');
  });

  it('knows nothing that was never set, under whatever name', async () => {
    for (const key of ['', 'a', '__proto__', 'constructor']) expect(await store.get(key)).toBeUndefined();
  });

  it('forgets a value when its time is over', async () => {
    await store.set('a', 'one', 1_000);
    clock.advance(999);
    expect(await store.get('a')).toBe('one');
    clock.advance(1);
    expect(await store.get('a')).toBeUndefined();
  });

  it('puts a newer value and its time in the place of an older one', async () => {
    await store.set('a', 'one', 1_000);
    await store.set('a', 'two', 5_000);
    clock.advance(2_000);
    expect(await store.get('a')).toBe('two');
  });

  it('keeps nothing that has no time to live', async () => {
    await store.set('a', 'one', 1_000);
    await store.set('a', 'two', 0);
    expect(await store.get('a')).toBeUndefined();
  });

  it('deletes, and does not mind when there is nothing to delete', async () => {
    await store.set('a', 'one', 1_000);
    await store.delete('a');
    await store.delete('a');
    expect(await store.get('a')).toBeUndefined();
  });
});

describe('MemoryStore', () => {
  it('never holds more than its bound: the oldest goes', async () => {
    const store = new MemoryStore(new ManualClock(), 2);
    await store.set('a', '1', 1_000);
    await store.set('b', '2', 1_000);
    await store.set('a', '3', 1_000);
    await store.set('c', '4', 1_000);
    expect(store.size).toBe(2);
    expect(await store.get('b')).toBeUndefined();
    expect(await store.get('a')).toBe('3');
  });
});
