import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ERROR_TABLE } from '../../src/core/error-table.ts';
import { ROOT } from '../support/gateway.ts';

describe('docs/errors.md', () => {
  const sections = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8').split(/^## /m).slice(1);
  const byCode = new Map(sections.map((section) => [/^`(\w+)`/.exec(section)?.[1], section]));

  it('has one heading for every error code and none besides', () => {
    expect(new Set(byCode.keys())).toEqual(new Set(Object.keys(ERROR_TABLE)));
    expect(sections).toHaveLength(byCode.size);
  });

  it.each(Object.entries(ERROR_TABLE))('says how %s looks on the wire', (code, { status, legacy }) => {
    expect(byCode.get(code)).toContain(`- status ${status}, HTTP ${legacy.http}, JSON-RPC ${legacy.rpc}`);
  });
});
