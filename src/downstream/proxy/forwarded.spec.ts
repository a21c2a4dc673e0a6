import * as fc from 'fast-check';

import { readForwarded, readForwardedFor } from './forwarded.js';

describe('what proxies say of clients', () => {
  it('is read from X-Forwarded-For, nearest first', () => {
    expect(readForwardedFor('1.1.1.1, [2001:DB8::1]:80 ,3.3.3.3:4', ' HTTP , https ')).toEqual({
      addresses: ['3.3.3.3', '2001:db8::1', '1.1.1.1'],
      scheme: 'https',
    });
    expect(readForwardedFor(undefined, undefined)).toEqual({ addresses: [], scheme: undefined });
  });

  it('is read from Forwarded, nearest first', () => {
    const header = 'for=1.1.1.1;by=9.9.9.9, For="[2001:db8::1]:4711"; proto=http, proto=HTTPS ; for="\\1.2.3.4"';
    expect(readForwarded(header)).toEqual({ addresses: ['1.2.3.4', '2001:db8::1', '1.1.1.1'], scheme: 'https' });
    expect(readForwarded(undefined)).toEqual({ addresses: [], scheme: undefined });
  });

  it.each(['for=_hidden', 'for=unknown', 'for="1.1.1.1', 'for', 'by=1.1.1.1', 'for="a,for=1.1.1.1"', 'for=1.1.1.1 x'])(
    'is no address in %s',
    (header) => {
      expect(readForwarded(header).addresses).toEqual([undefined]);
    },
  );

  it('is not told by a separator in quotes', () => {
    expect(readForwarded('for=1.1.1.1;host="a,b;for=6.6.6.6", for=2.2.2.2').addresses).toEqual(['2.2.2.2', '1.1.1.1']);
  });

  it('is nothing at all where there is too much of it', () => {
    const list = (count: number, part: string): string => Array(count).fill(part).join(',');
    expect(readForwardedFor(list(32, '1.1.1.1'), 'https')).toMatchObject({ addresses: Array(32).fill('1.1.1.1') });
    expect(readForwardedFor(list(33, '1.1.1.1'), 'https')).toEqual({ addresses: undefined, scheme: 'https' });
    expect(readForwarded(list(33, 'for=1.1.1.1'))).toEqual({ addresses: undefined, scheme: undefined });
  });

  it('is an address or nothing, whatever is written', () => {
    const text = fc.string({ unit: fc.constantFrom(...'for=";,[]:.0129af\\% proto'.split('')) });
    fc.assert(
      fc.property(text, (header) => {
        for (const { addresses = [] } of [readForwarded(header), readForwardedFor(header, header)]) {
          for (const address of addresses) if (address !== undefined) expect(address).toMatch(/^[\da-f.:]+$/);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
