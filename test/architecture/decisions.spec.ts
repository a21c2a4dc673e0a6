import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT } from '../support/gateway.ts';

describe('docs/adr', () => {
  it('numbers decisions from 1 without gaps and without using a number twice', () => {
    const numbers = readdirSync(join(ROOT, 'docs/adr')).map((name) =>
      Number(/^(\d{4})-[a-z0-9-]+\.md$/.exec(name)?.[1]),
    );
    expect(numbers.toSorted((a, b) => a - b)).toEqual(numbers.map((_, index) => index + 1));
  });
});
