import * as fc from 'fast-check';

import { ResponseFault } from './response-fault.js';
import { ResponseParser } from './response-parser.js';

interface Heard {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly body: string;
  readonly isOver: boolean;
  /** What stands behind the response. */
  readonly rest: string;
}

/** Reads a response that comes in these pieces, and whether its connection ends then. */
function heard(pieces: readonly Buffer[], ends = false): Heard {
  const body: Buffer[] = [];
  const parser = new ResponseParser({ head: () => undefined, data: (chunk) => body.push(Buffer.from(chunk)) });
  let rest = '';
  for (const piece of pieces) rest += piece.toString('latin1', parser.read(piece, 0));
  if (ends) parser.finish();
  const { framing, isOver } = parser;
  const text = Buffer.concat(body).toString('latin1');
  return { status: framing?.status, type: framing?.contentType, body: text, isOver, rest };
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;

const RIGHT: readonly (readonly [string, string, Partial<Heard>])[] = [
  ['a length', `${OK}Content-Length: 5\r\n\r\nhello`, { status: 200, body: 'hello' }],
  ['no body at all', `${OK}content-length:0\r\n\r\n`, { body: '' }],
  ['no reason', 'HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n', { status: 200 }],
  ['204', 'HTTP/1.1 204 No Content\r\n\r\n', { status: 204, body: '' }],
  ['304 with the length of what is not sent', 'HTTP/1.1 304 \r\ncontent-length: 9\r\n\r\n', { status: 304, body: '' }],
  ['a type', `${OK}Content-Type:\t application/json \r\ncontent-length: 2\r\n\r\n{}`, { type: 'application/json' }],
  ['two types', `${OK}content-type: a/b\r\ncontent-type: a/c\r\ncontent-length: 0\r\n\r\n`, { type: undefined }],
  ['chunks', `${CHUNKED}5\r\nhello\r\n00A\r\n, my world\r\n0\r\n\r\n`, { body: 'hello, my world' }],
  ['chunk extensions', `${CHUNKED}5;a;b=c;d="e \\" f"\r\nhello\r\n0;x\r\n\r\n`, { body: 'hello' }],
  ['trailers', `${CHUNKED}1\r\nx\r\n0\r\nA: b\r\nconnection: close\r\n\r\n`, { body: 'x' }],
  [
    'interim responses',
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 \r\nlink: x\r\n\r\n${OK}content-length: 1\r\n\r\nx`,
    { status: 200, body: 'x' },
  ],
  ['bytes behind it', `${OK}content-length: 1\r\n\r\nxHTTP/1.1`, { body: 'x', rest: 'HTTP/1.1' }],
  ['bytes behind its last chunk', `${CHUNKED}0\r\n\r\nmore`, { body: '', rest: 'more' }],
];

const WRONG: readonly (readonly [string, string])[] = [
  ['another protocol', 'HTTP/2 200 OK\r\n\r\n'],
  ['another protocol from now on', 'HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
  ['too short a status', 'HTTP/1.1 20 OK\r\n\r\n'],
  ['a line before the status', `\r\n${OK}content-length: 0\r\n\r\n`],
  ['a bare LF', 'HTTP/1.1 200 OK\ncontent-length: 0\r\n\r\n'],
  ['a bare LF between headers', `${OK}a: b\ncontent-length: 0\r\n\r\n`],
  ['a bare CR in a value', `${OK}a: b\rc\r\ncontent-length: 0\r\n\r\n`],
  ['a NUL in a value', `${OK}a: b\0c\r\ncontent-length: 0\r\n\r\n`],
  ['a folded header', `${OK}a: b\r\n c\r\ncontent-length: 0\r\n\r\n`],
  ['a blank before the colon', `${OK}content-length : 0\r\n\r\n`],
  ['a header without a name', `${OK}: 0\r\n\r\n`],
  ['a header without a colon', `${OK}content-length\r\n\r\n`],
  ['two lengths', `${OK}content-length: 1\r\ncontent-length: 1\r\n\r\nx`],
  ['a list of lengths', `${OK}content-length: 1, 1\r\n\r\nx`],
  ['a signed length', `${OK}content-length: +1\r\n\r\nx`],
  ['a length in another base', `${OK}content-length: 0x1\r\n\r\nx`],
  ['no length', `${OK}content-length:\r\n\r\nx`],
  ['a length and chunks', `${OK}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['chunks and a length', `${OK}transfer-encoding: chunked\r\ncontent-length: 1\r\n\r\n0\r\n\r\n`],
  ['chunks in what is older than they', 'HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['another encoding', `${OK}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
  ['chunks twice', `${OK}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['a chunk without a size', `${CHUNKED}\r\nx\r\n0\r\n\r\n`],
  ['a chunk of a signed size', `${CHUNKED}-1\r\nx\r\n0\r\n\r\n`],
  ['a chunk of a size in another base', `${CHUNKED}0x1\r\nx\r\n0\r\n\r\n`],
  ['a blank behind a size', `${CHUNKED}1 \r\nx\r\n0\r\n\r\n`],
  ['a size beyond all measure', `${CHUNKED}000000001\r\nx\r\n0\r\n\r\n`],
  ['a bare LF behind a size', `${CHUNKED}1\nx\r\n0\r\n\r\n`],
  ['a chunk longer than its size', `${CHUNKED}1\r\nxy\r\n0\r\n\r\n`],
  ['a bare LF behind a chunk', `${CHUNKED}1\r\nx\n0\r\n\r\n`],
  ['a chunk extension that is none', `${CHUNKED}1;a b\r\nx\r\n0\r\n\r\n`],
  ['a trailer that is none', `${CHUNKED}1\r\nx\r\n0\r\nA b\r\n\r\n`],
  ['a trailer that says something of the body', `${CHUNKED}1\r\nx\r\n0\r\nContent-Length: 1\r\n\r\n`],
  ['headers beyond all measure', `${OK}${'a: b\r\n'.repeat(201)}content-length: 0\r\n\r\n`],
  ['a header beyond all measure', `${OK}a: ${'b'.repeat(17_000)}\r\ncontent-length: 0\r\n\r\n`],
  ['a chunk extension beyond all measure', `${CHUNKED}1;${'a'.repeat(300)}\r\nx\r\n0\r\n\r\n`],
  ['an interim response that is the last', 'HTTP/1.1 103 \r\nconnection: close\r\n\r\n'],
  ['interim responses without end', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(17)],
];

describe('ResponseParser', () => {
  it.each(RIGHT)('reads %s', (_, text, expected) => {
    expect(heard([bytes(text)])).toMatchObject({ isOver: true, rest: '', ...expected });
  });

  it.each(RIGHT)('reads %s in whatever pieces it comes', (_, text) => {
    const whole = heard([bytes(text)]);
    const all = bytes(text);
    for (let at = 1; at < all.length; at++) expect(heard([all.subarray(0, at), all.subarray(at)])).toEqual(whole);
    const cuts = fc.array(fc.nat({ max: all.length }), { maxLength: 12 });
    fc.assert(
      fc.property(cuts, (places) => {
        expect(heard(cut(all, places))).toEqual(whole);
      }),
    );
    expect(heard(Array.from(all, (byte) => Buffer.of(byte)))).toEqual(whole);
  });

  it.each(WRONG)('refuses %s, in whatever pieces it comes', (_, text) => {
    const all = bytes(text);
    expect(() => heard([all])).toThrow(ResponseFault);
    for (let at = 1; at < Math.min(all.length, 200); at++) {
      expect(() => heard([all.subarray(0, at), all.subarray(at)])).toThrow(ResponseFault);
    }
    expect(() => heard(Array.from(all, (byte) => Buffer.of(byte)))).toThrow(ResponseFault);
  });

  it.each([
    [`${OK}\r\nall that comes`, 'all that comes'],
    ['HTTP/1.0 200 OK\r\n\r\n', ''],
  ])('takes the end of the connection for that of a body without a length', (text, body) => {
    expect(heard([bytes(text)])).toMatchObject({ isOver: false });
    expect(heard([bytes(text)], true)).toMatchObject({ isOver: true, body });
  });

  it.each([
    '',
    'HTTP/1.1 200',
    `${OK}content-length: 2\r\n\r\nx`,
    `${CHUNKED}5\r\nhello\r\n`,
    `${CHUNKED}0\r\n`,
    'HTTP/1.1 100 Continue\r\n\r\n',
  ])('does not take the end of the connection for that of %j', (text) => {
    expect(() => heard([bytes(text)], true)).toThrow(ResponseFault);
  });

  it.each([
    ['', 4_000],
    ['connection: close\r\n', 0],
    ['Connection: x, Close\r\n', 0],
    ['keep-alive: timeout=5\r\n', 3_000],
    ['keep-alive: timeout=1, max=100\r\n', 0],
    ['keep-alive: max=5, timeout=99999\r\n', 600_000],
  ])('knows for how long a connection with %j may be idle', (header, idleMs) => {
    const parser = new ResponseParser({ head: () => undefined, data: () => undefined });
    parser.read(bytes(`${OK}${header}content-length: 0\r\n\r\n`), 0);
    expect(parser.framing?.idleMs).toBe(idleMs);
  });

  it('stops where it is held, and goes on there', () => {
    const seen: string[] = [];
    const parser = new ResponseParser({
      head: () => (parser.held = true),
      data: (chunk) => {
        seen.push(chunk.toString());
        parser.held = true;
      },
    });
    const all = bytes(`${CHUNKED}1\r\nx\r\n2\r\nyz\r\n0\r\n\r\n`);
    let at = 0;
    for (const expected of [[], ['x'], ['x', 'yz'], ['x', 'yz']]) {
      parser.held = false;
      at = parser.read(all, at);
      expect(seen).toEqual(expected);
    }
    expect(parser.isOver).toBe(true);
    expect(at).toBe(all.length);
  });
});

function cut(all: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [0, ...places.toSorted((a, b) => a - b), all.length];
  return sorted.slice(1).map((end, index) => all.subarray(sorted[index], end));
}
