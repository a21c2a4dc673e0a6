import * as fc from 'fast-check';

import { IdTable } from './id-table.js';
import type { RequestId } from './message.js';

describe('IdTable', () => {
  it('tells ids apart by value and type', () => {
    const table = new IdTable<string>();
    const ids = [0, '', '0', 1, '1', -1, 2 ** 53 - 1];
    for (const id of ids) table.set(id, `entry of ${JSON.stringify(id)}`);

    expect(table.size).toBe(ids.length);
    expect(ids.map((id) => table.get(id))).toEqual(ids.map((id) => `entry of ${JSON.stringify(id)}`));
  });

  it('does whatever a Map does', () => {
    // Few ids, and numbers that share a slot, so that entries are in each other's way.
    const anId = fc.oneof(
      fc.nat(40),
      fc.nat(5).map((n) => n * 1_024),
      fc.constantFrom('a', 'b', '1', ''),
    );
    const aStep = fc.tuple(fc.constantFrom('set', 'delete', 'clear'), anId);
    const weighted = fc.oneof({ weight: 30, arbitrary: aStep.filter(([what]) => what !== 'clear') }, aStep);

    fc.assert(
      fc.property(fc.array(weighted, { maxLength: 300 }), (steps) => {
        const table = new IdTable<number>();
        const map = new Map<RequestId, number>();
        for (const [at, [what, id]] of steps.entries()) {
          if (what === 'set') {
            table.set(id, at);
            map.set(id, at);
          } else if (what === 'delete') {
            expect(table.delete(id)).toBe(map.delete(id));
          } else {
            table.clear();
            map.clear();
          }
          expect(table.get(id)).toBe(map.get(id));
          expect(table.has(id)).toBe(map.has(id));
          expect(table.size).toBe(map.size);
        }
        expect(new Set(table.values())).toEqual(new Set(map.values()));
      }),
    );
  });

  it('holds thousands, and lets go of them all', () => {
    const table = new IdTable<number>();
    for (let id = 1; id <= 5_000; id++) table.set(id, id);
    expect(table.get(4_711)).toBe(4_711);

    for (let id = 1; id <= 5_000; id++) expect(table.delete(id)).toBe(true);
    expect(table.size).toBe(0);
    expect(table.values()).toEqual([]);
  });
});
