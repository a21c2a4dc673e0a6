import * as fc from 'fast-check';

import { slugs } from './slug.js';

describe('slugs', () => {
  it.each([
    ['github', 'github'],
    ['GitHub MCP', 'github-mcp'],
    ['@scope/pkg_name', 'scope-pkg-name'],
    ['1password', 'server-1password'],
    ['Größe', 'große'.replace('ß', '-')],
    ['東京', 'server'],
    ['', 'server'],
    ['x'.repeat(40), 'x'.repeat(32)],
  ])('makes of %j the group name %s', (name, slug) => {
    expect(slugs([name]).get(name)).toBe(slug);
  });

  it('counts up where two would be equal, and never takes a name that is a slug already', () => {
    expect([...slugs(['A B', 'a b', 'a-b', 'a-b-2']).values()]).toEqual(['a-b-3', 'a-b-4', 'a-b', 'a-b-2']);
  });

  it('always gives different valid names, the same each time', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.oneof(fc.string(), fc.constantFrom('a b', 'A-b', 'a_b', 'x'.repeat(50)))),
        (names) => {
          const made = [...slugs(names).values()];
          expect(new Set(made).size).toBe(names.length);
          expect(made.every((slug) => /^[a-z][a-z0-9-]{0,31}$/.test(slug))).toBe(true);
          expect([...slugs(names).values()]).toEqual(made);
        },
      ),
    );
  });
});
