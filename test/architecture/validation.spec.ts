import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { RULES } from '../../src/protocol/index.ts';
import { ROOT } from '../support/gateway.ts';

describe('docs/validation.md', () => {
  const rows = readFileSync(join(ROOT, 'docs/validation.md'), 'utf8').matchAll(/^\| `(\w+)` +\| (yes|no) /gm);
  const told = [...rows].map(([, rule, forgivable]) => [rule, forgivable]);

  it('tells of every rule, once, whether it may be forgiven', () => {
    expect(told).toEqual(Object.entries(RULES).map(([rule, { forgivable }]) => [rule, forgivable ? 'yes' : 'no']));
  });
});
