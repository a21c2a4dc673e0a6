import { StreamSlots } from './stream-slots.js';

describe('StreamSlots', () => {
  it('gives no more than there are, and what comes back to whoever waits longest', () => {
    const slots = new StreamSlots(2);
    const begun: string[] = [];
    const take = (name: string) => slots.take(() => begun.push(name));
    const [first, , third] = ['a', 'b', 'c', 'd'].map(take);
    expect(begun).toEqual(['a', 'b']);
    third?.();
    first?.();

    expect(begun).toEqual(['a', 'b', 'd']);
  });

  it('takes each back once', () => {
    const slots = new StreamSlots(1);
    const begun: string[] = [];
    const first = slots.take(() => begun.push('a'));
    first();
    first();
    slots.take(() => begun.push('b'));
    slots.take(() => begun.push('c'));

    expect(begun).toEqual(['a', 'b']);
  });
});
