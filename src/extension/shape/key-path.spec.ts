import * as fc from 'fast-check';

import { formatKey, parseKey, toSnakeCase } from './key-path.js';

describe('a key path', () => {
  it('is written as people write it', () => {
    expect(formatKey(['upstream', 'groups', 'my-crm', 'servers', 0, 'env', 'A.B'])).toBe(
      'upstream.groups.my-crm.servers[0].env."A.B"',
    );
  });

  it('is read back as it was written, whatever the names', () => {
    const step = fc.oneof(fc.string(), fc.nat(99));
    fc.assert(
      fc.property(fc.array(step), (path) => {
        expect(parseKey(formatKey(path))).toEqual(path);
      }),
    );
  });

  it('spells a property as TOML does', () => {
    expect(toSnakeCase('maxConnectionsPerHost')).toBe('max_connections_per_host');
    expect(toSnakeCase('host')).toBe('host');
  });
});
