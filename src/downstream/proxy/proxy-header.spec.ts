import { SocketAddress } from 'node:net';

import * as fc from 'fast-check';

import { MAX_PROXY_HEADER_BYTES, readProxyHeader } from './proxy-header.js';

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

interface Written {
  readonly bytes: Buffer;
  readonly source: string | undefined;
}

const port = fc.integer({ min: 0, max: 65_535 });
const ipv4 = fc.ipV4();
const ipv6 = fc.ipV6().filter((address) => !/::ffff:|\./i.test(address));
const canonical = (address: string): string => new SocketAddress({ address, family: 'ipv6' }).address;

const version1 = fc.oneof(
  fc.tuple(ipv4, ipv4, port, port).map((parts): Written => line('TCP4', parts, parts[0])),
  fc.tuple(ipv6, ipv6, port, port).map((parts): Written => line('TCP6', parts, canonical(parts[0]))),
  fc.constant<Written>({ bytes: Buffer.from('PROXY UNKNOWN\r\n'), source: undefined }),
);

function line(protocol: string, parts: readonly unknown[], source: string): Written {
  return { bytes: Buffer.from(`PROXY ${protocol} ${parts.join(' ')}\r\n`), source };
}

const version2 = fc
  .record({
    address: fc.uint8Array({ minLength: 4, maxLength: 4 }),
    isOfClient: fc.boolean(),
    more: fc.uint8Array({ maxLength: 500 }),
  })
  .map(({ address, isOfClient, more }): Written => {
    const behind = Buffer.concat([address, Buffer.alloc(8), more]);
    const head = Buffer.from([isOfClient ? 0x21 : 0x20, 0x11, behind.length >> 8, behind.length & 0xff]);
    return { bytes: Buffer.concat([SIGNATURE, head, behind]), source: isOfClient ? address.join('.') : undefined };
  });

describe('a PROXY header', () => {
  it('is read back as it was written, whatever follows it', () => {
    fc.assert(
      fc.property(fc.oneof(version1, version2), fc.uint8Array(), ({ bytes, source }, rest) => {
        expect(readProxyHeader(Buffer.concat([bytes, rest]))).toEqual({ length: bytes.length, source });
      }),
    );
  });

  it('is incomplete until its last byte is there', () => {
    fc.assert(
      fc.property(fc.oneof(version1, version2), ({ bytes }) => {
        for (let length = 0; length < bytes.length; length++) {
          expect(readProxyHeader(bytes.subarray(0, length))).toBe('incomplete');
        }
      }),
      { numRuns: 20 },
    );
  });

  it('is never waited for longer than the longest there is, nor read beyond what is there', () => {
    const beginning = fc.constantFrom(Buffer.alloc(0), SIGNATURE, Buffer.from('PROXY '), Buffer.from('PROXY TCP4 '));
    fc.assert(
      fc.property(beginning, fc.uint8Array({ maxLength: 700 }), (start, rest) => {
        const bytes = Buffer.concat([start, rest]);
        const read = readProxyHeader(bytes);
        if (read === 'incomplete') expect(bytes.length).toBeLessThan(MAX_PROXY_HEADER_BYTES);
        if (typeof read === 'object') expect(read.length).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 500 },
    );
  });

  it('of version 1 may have 107 bytes, and no more', () => {
    expect(readProxyHeader(Buffer.from(`PROXY UNKNOWN${' '.repeat(92)}\r\n`))).toMatchObject({ length: 107 });
    expect(readProxyHeader(Buffer.from(`PROXY UNKNOWN${' '.repeat(93)}\r\n`))).toBe('malformed');
  });

  it.each([
    'GET / HTTP/1.1\r\n',
    'proxy TCP4 1.2.3.4 1.2.3.4 1 2\r\n',
    'PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n',
    'PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n',
    'PROXY TCP4 1.2.3.4  1.2.3.4 1 2\r\n',
    'PROXY TCP4 01.2.3.4 1.2.3.4 1 2\r\n',
    'PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n',
    'PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n',
    'PROXY TCP6 1.2.3.4 ::1 1 2\r\n',
    'PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n',
    '\x16\x03\x01\x02',
  ])('is not %j', (text) => {
    expect(readProxyHeader(Buffer.from(text, 'latin1'))).toBe('malformed');
  });
});
