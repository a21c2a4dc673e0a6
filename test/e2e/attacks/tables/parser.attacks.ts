import { type Attack, status } from '../support/attack.ts';

const HOST = 'Host: localhost\r\n';
const JSON_TYPE = 'Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n';
const CHUNKED = 'Transfer-Encoding: chunked\r\n';

/** What a smuggler hides behind another request. */
const hidden = (pass: string): string => `GET /api/v1/status HTTP/1.1\r\n${HOST}${pass}X-Hidden: 1\r\n\r\n`;
const opened = (pass: string): string => `POST /mcp HTTP/1.1\r\n${HOST}${pass}${JSON_TYPE}`;

type Bytes = (post: string, hidden: string) => string | Buffer;

/** What has two meanings, or none: 400, once, and the connection is closed. */
const AMBIGUOUS: readonly [what: string, bytes: Bytes][] = [
  ['two ways to tell the length', (post, hidden) => `${post}Content-Length: 4\r\n${CHUNKED}\r\n0\r\n\r\n${hidden}`],
  ['the same the other way round', (post, hidden) => `${post}${CHUNKED}Content-Length: 4\r\n\r\n0\r\n\r\n${hidden}`],
  ['an unknown coding', (post, hidden) => `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`],
  ['chunked before another', (post, hidden) => `${post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${hidden}`],
  ['codings in two headers', (post, hidden) => `${post}${CHUNKED}Transfer-Encoding: x\r\n\r\n0\r\n\r\n${hidden}`],
  [
    'a coding behind a tab',
    (post, hidden) => `${post}Transfer-Encoding:\tchunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${hidden}`,
  ],
  ['a coding behind a form feed', (post, hidden) => `${post}Transfer-Encoding: \fchunked\r\n\r\n0\r\n\r\n${hidden}`],
  ['two lengths', (post, hidden) => `${post}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x${hidden}`],
  ['a list of lengths', (post, hidden) => `${post}Content-Length: 2,2\r\n\r\n{}${hidden}`],
  ['a signed length', (post, hidden) => `${post}Content-Length: +2\r\n\r\n{}${hidden}`],
  ['a negative length', (post, hidden) => `${post}Content-Length: -2\r\n\r\n{}${hidden}`],
  ['a hexadecimal length', (post, hidden) => `${post}Content-Length: 0x2\r\n\r\n{}${hidden}`],
  ['a length beyond all numbers', (post) => `${post}Content-Length: 99999999999999999999999\r\n\r\n{}`],
  ['a chunk beyond all numbers', (post) => `${post}${CHUNKED}\r\nfffffffffffffffff\r\n{}`],
  ['a negative chunk', (post, hidden) => `${post}${CHUNKED}\r\n-1\r\n{}\r\n0\r\n\r\n${hidden}`],
  ['a chunk that ends in LF', (post, hidden) => `${post}${CHUNKED}\r\n2\n{}\r\n0\r\n\r\n${hidden}`],
  ['a chunk longer than it says', (post, hidden) => `${post}${CHUNKED}\r\n1\r\n{}\r\n0\r\n\r\n${hidden}`],
  ['a NUL in a header', () => `POST /mcp HTTP/1.1\r\n${HOST}X: a\0b\r\nContent-Length: 0\r\n\r\n`],
  ['a folded header', () => `POST /mcp HTTP/1.1\r\n${HOST}X: a\r\n b\r\nContent-Length: 0\r\n\r\n`],
  ['a space before the colon', (post, hidden) => `${post}Content-Length : 2\r\n\r\n{}${hidden}`],
  ['a header without a name', () => `POST /mcp HTTP/1.1\r\n${HOST}: x\r\nContent-Length: 0\r\n\r\n`],
  ['a space in the target', () => `GET /mcp /x HTTP/1.1\r\n${HOST}\r\n`],
  ['lines that end in LF', (_, hidden) => `POST /mcp HTTP/1.1\n${HOST}Content-Length: 0\n\n${hidden}`],
  ['one header that ends in LF', () => `POST /mcp HTTP/1.1\r\n${HOST}X: y\nContent-Length: 0\r\n\r\n`],
  ['a version that does not exist', () => `GET /mcp HTTP/3.7\r\n${HOST}\r\n`],
  ['a method that does not exist', () => `HACK /mcp HTTP/1.1\r\n${HOST}\r\n`],
  ['HTTP/2 in the clear', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['TLS', () => Buffer.from('16030100a5010000a10303', 'hex')],
  ['no Host', () => 'POST /mcp HTTP/1.1\r\nContent-Length: 0\r\n\r\n'],
  ['two Hosts', () => `GET /api/v1/status HTTP/1.1\r\n${HOST}Host: evil.example\r\n\r\n`],
  ['two Origins', () => `GET /api/v1/status HTTP/1.1\r\n${HOST}Origin: a\r\nOrigin: b\r\n\r\n`],
  ['two session ids', (post) => `${post}Mcp-Session-Id: a\r\nMcp-Session-Id: b\r\nContent-Length: 0\r\n\r\n`],
  ['two credentials', (post) => `${post}Authorization: a\r\nAuthorization: b\r\nContent-Length: 0\r\n\r\n`],
];

/** What is too much, or not taken: [row, what, bytes, status]. */
const BOUNDED: readonly [row: string, what: string, bytes: Bytes, status: number][] = [
  ['T30', 'headers of 17 KiB', () => `GET /mcp HTTP/1.1\r\n${HOST}X: ${'a'.repeat(17_408)}\r\n\r\n`, 431],
  ['T30', '101 headers', () => `GET /api/v1/status HTTP/1.1\r\n${HOST}${'X: y\r\n'.repeat(100)}\r\n`, 431],
  ['T30', 'a target of 8 KiB', () => `GET /mcp?${'a'.repeat(8_192)} HTTP/1.1\r\n${HOST}\r\n`, 414],
  ['T30', 'a long target elsewhere', () => `GET /health?${'a'.repeat(8_192)} HTTP/1.1\r\n${HOST}\r\n`, 414],
  ['T30', 'trailers of 20 KB', (post) => `${post}${CHUNKED}\r\n2\r\n{}\r\n0\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
  [
    'T30',
    'chunk extensions of 20 KB',
    (post) => `${post}${CHUNKED}\r\n2;${'x'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`,
    413,
  ],
  ['T30', 'a body said to be 10 GB', (post) => `${post}Content-Length: 10000000000\r\n\r\n{`, 413],
  ['T30', 'a compressed body', (post) => `${post}Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}`, 415],
  ['T30', 'a chain of codings', (post) => `${post}Content-Encoding: gzip, br\r\nContent-Length: 2\r\n\r\n{}`, 415],
  ['T30', 'an expectation', (post) => `${post}Expect: miracles\r\nContent-Length: 2\r\n\r\n{}`, 417],
  ['T17', 'TRACE', () => `TRACE /mcp HTTP/1.1\r\n${HOST}X-Key: canary-trace\r\n\r\n`, 405],
  ['T17', 'a method override', () => `PUT /mcp HTTP/1.1\r\n${HOST}X-HTTP-Method-Override: POST\r\n\r\n`, 405],
  ['T37', 'silence', () => '', 408],
  ['T37', 'half of a first line', () => 'POST /mcp HT', 408],
  ['T37', 'half of the headers', () => `POST /mcp HTTP/1.1\r\n${HOST}`, 408],
  ['T37', 'half of a body', (post) => `${post}Content-Length: 99\r\n\r\n{`, 408],
];

export const PARSER_ATTACKS: readonly Attack[] = [
  ...AMBIGUOUS.map(([what, bytes]): Attack => ({
    row: 'T29',
    what,
    send: (pass) => bytes(opened(pass), hidden(pass)),
    expected: { statuses: [400], says: /^(?![\s\S]*uptime_seconds)/ },
  })),
  ...BOUNDED.map(([row, what, bytes, code]): Attack => ({
    row,
    what,
    send: (pass) => bytes(opened(pass), hidden(pass)),
    expected: status(code),
  })),
];
