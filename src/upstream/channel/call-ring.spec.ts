import * as fc from 'fast-check';

import { CallRing } from './call-ring.js';

interface Entry {
  readonly id: number;
}

function enter(ring: CallRing<Entry>): Entry {
  const entry = { id: ring.nextId() };
  ring.put(entry);
  return entry;
}

describe('CallRing', () => {
  it('finds what is in flight, and nothing else, whatever leaves in whichever order', () => {
    // 0 lets one come; any other number lets one of those go that are there.
    const aStep = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.integer({ min: 1 }) });

    fc.assert(
      fc.property(fc.array(aStep, { maxLength: 400 }), (steps) => {
        const ring = new CallRing<Entry>();
        const here: Entry[] = [];
        let lastId = 0;
        for (const step of steps) {
          if (step === 0) {
            const entry = enter(ring);
            expect(entry.id).toBeGreaterThan(lastId);
            lastId = entry.id;
            here.push(entry);
          } else if (here.length > 0) {
            const [gone] = here.splice(step % here.length, 1) as [Entry];
            expect(ring.take(gone)).toBe(true);
            expect(ring.take(gone)).toBe(false);
            expect(ring.find(gone.id)).toBeUndefined();
          }
          expect(ring.size).toBe(here.length);
        }
        for (const entry of here) expect(ring.find(entry.id)).toBe(entry);
        expect(new Set(ring.values())).toEqual(new Set(here));
      }),
    );
  });

  it('passes over the place of whatever is slow, and never finds it under another number', () => {
    const ring = new CallRing<Entry>();
    const slow = enter(ring);
    for (let count = 0; count < 100_000; count++) ring.take(enter(ring));

    expect(ring.find(slow.id)).toBe(slow);
    expect(ring.size).toBe(1);
    for (const id of [0, -1, 1.5, 2 ** 32 + slow.id, Number.NaN]) expect(ring.find(id)).toBeUndefined();
  });

  it('holds thousands, and goes on counting when they are gone', () => {
    const ring = new CallRing<Entry>();
    const all = Array.from({ length: 5_000 }, () => enter(ring));
    expect(all.every((entry) => ring.find(entry.id) === entry)).toBe(true);

    for (const entry of all) ring.take(entry);
    expect(ring.values()).toEqual([]);
    expect(enter(ring).id).toBe(5_001);
  });
});
