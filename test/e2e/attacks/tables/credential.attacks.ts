import { type Attack, post, request, status } from '../support/attack.ts';
import { KEY, SECRET, TOKEN, tokenOf } from '../support/mode.ts';

const HELLO = JSON.stringify({
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'm', version: '1' } },
});

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const [HEAD = '', CLAIMS = '', SIGNATURE = ''] = TOKEN.split('.');
const unsigned = (alg: unknown): string => `${part({ alg, typ: 'JWT' })}.${CLAIMS}.`;
const seconds = (from: number): number => Math.floor(Date.now() / 1_000) + from;

/** Headers that are to be taken for a credential, and none of them is a good one. */
const BAD: readonly [row: string, what: string, headers: string][] = [
  ['T12', 'nothing', ''],
  ['T12', 'a scheme without a credential', 'Authorization: Bearer\r\n'],
  ['T12', 'a scheme and a space', 'Authorization: Bearer \r\n'],
  ['T12', 'junk', 'Authorization: Bearer junk\r\n'],
  ['T12', 'a scheme of another kind', `Authorization: Basic ${TOKEN}\r\n`],
  ['T12', 'a scheme that nobody knows', `Authorization: Negotiate ${TOKEN}\r\n`],
  ['T12', 'the token without a scheme', `Authorization: ${TOKEN}\r\n`],
  ['T12', 'the beginning of the token', `Authorization: Bearer ${TOKEN.slice(0, -1)}\r\n`],
  ['T12', 'the token and more', `Authorization: Bearer ${TOKEN}x\r\n`],
  ['T12', 'the token in small letters', `Authorization: Bearer ${TOKEN.toLowerCase()}\r\n`],
  ['T12', 'the token twice in one', `Authorization: Bearer ${TOKEN}, Bearer ${TOKEN}\r\n`],
  ['T12', 'the token in quotes', `Authorization: Bearer "${TOKEN}"\r\n`],
  ['T12', 'the beginning of the key', `X-API-Key: ${KEY.slice(0, -1)}\r\n`],
  ['T12', 'the key and more', `X-API-Key: ${KEY}x\r\n`],
  ['T12', 'the key in capitals', `X-API-Key: ${KEY.toUpperCase()}\r\n`],
  ['T12', 'a key of nothing', 'X-API-Key:\r\n'],
  ['T12', 'a key of all objects', 'X-API-Key: __proto__\r\n'],
  ['T12', '8 KB of a key', `X-API-Key: ${'k'.repeat(8_000)}\r\n`],
  ['T12', 'the key as a bearer token', `Authorization: Bearer ${KEY}\r\n`],
  ['T12', 'the token as a key', `X-API-Key: ${TOKEN}\r\n`],
  ['T12', 'a name and a password', `Authorization: Basic ${Buffer.from('admin:admin').toString('base64')}\r\n`],
  ['T12', 'a password of nobody', `Authorization: Basic ${Buffer.from(':').toString('base64')}\r\n`],
  ['T12', 'a name of all objects', `Authorization: Basic ${Buffer.from('__proto__:x').toString('base64')}\r\n`],
  ['T12', 'Base64 of nothing', 'Authorization: Basic !!!!\r\n'],
  ...['none', 'None', 'NONE', 'nOnE', ''].map((alg): [string, string, string] => [
    'T13',
    `the algorithm "${alg}"`,
    `Authorization: Bearer ${unsigned(alg)}\r\n`,
  ]),
  ['T13', 'no algorithm', `Authorization: Bearer ${part({ typ: 'JWT' })}.${CLAIMS}.${SIGNATURE}\r\n`],
  ['T13', 'a list of algorithms', `Authorization: Bearer ${unsigned(['HS256', 'none'])}\r\n`],
  ['T13', 'a key pair for a secret', `Authorization: Bearer ${tokenOf({}, { alg: 'RS256' })}\r\n`],
  ['T13', 'a longer hash', `Authorization: Bearer ${tokenOf({}, { alg: 'HS512' })}\r\n`],
  ['T13', 'a key of its own', `Authorization: Bearer ${tokenOf({}, { jwk: { kty: 'oct', k: 'eA' } }, 'x')}\r\n`],
  ['T13', 'a place for keys', `Authorization: Bearer ${tokenOf({}, { jku: 'http://127.0.0.1:9/' }, 'x')}\r\n`],
  ['T13', 'a place for certificates', `Authorization: Bearer ${tokenOf({}, { x5u: 'http://127.0.0.1:9/' }, 'x')}\r\n`],
  ['T13', 'a file for a key', `Authorization: Bearer ${tokenOf({}, { kid: '../../dev/null' }, '')}\r\n`],
  ['T13', 'a question for a key', `Authorization: Bearer ${tokenOf({}, { kid: "' UNION SELECT 'x" }, 'x')}\r\n`],
  ['T13', 'something that must be understood', `Authorization: Bearer ${tokenOf({}, { crit: ['x'], x: 1 })}\r\n`],
  ['T13', 'five parts', `Authorization: Bearer ${HEAD}.a.b.c.${SIGNATURE}\r\n`],
  ['T13', 'two parts', `Authorization: Bearer ${HEAD}.${CLAIMS}\r\n`],
  ['T13', 'a signature of another secret', `Authorization: Bearer ${tokenOf({}, {}, `${SECRET}x`)}\r\n`],
  ['T14', 'a token that has expired', `Authorization: Bearer ${tokenOf({ exp: seconds(-120) })}\r\n`],
  ['T14', 'a token for later', `Authorization: Bearer ${tokenOf({ nbf: seconds(600) })}\r\n`],
  ['T14', 'a token without an end', `Authorization: Bearer ${tokenOf({ exp: undefined })}\r\n`],
  ['T14', 'an end in words', `Authorization: Bearer ${tokenOf({ exp: String(seconds(600)) })}\r\n`],
  ['T14', 'another audience', `Authorization: Bearer ${tokenOf({ aud: 'https://other.example/mcp' })}\r\n`],
  ['T14', 'the beginning of the audience', `Authorization: Bearer ${tokenOf({ aud: 'https://gateway.example' })}\r\n`],
  ['T14', 'an audience and more', `Authorization: Bearer ${tokenOf({ aud: 'https://gateway.example/mcpx' })}\r\n`],
  ['T14', 'no audience', `Authorization: Bearer ${tokenOf({ aud: undefined })}\r\n`],
  ['T14', 'another issuer', `Authorization: Bearer ${tokenOf({ iss: 'https://issuer.example.evil' })}\r\n`],
  ['T14', 'no issuer', `Authorization: Bearer ${tokenOf({ iss: undefined })}\r\n`],
  ['T14', 'nobody', `Authorization: Bearer ${tokenOf({ sub: undefined })}\r\n`],
  ['T14', 'somebody who is a list', `Authorization: Bearer ${tokenOf({ sub: ['root'] })}\r\n`],
  ['T17', 'the word of a proxy', 'X-Forwarded-User: root\r\nX-Remote-User: root\r\nX-Auth-Request-User: root\r\n'],
  ['T18', 'a cookie', `Cookie: token=${TOKEN}; access_token=${TOKEN}; api_key=${KEY}\r\n`],
  ['T18', 'a protocol of its own', `X-Authorization: Bearer ${TOKEN}\r\nProxy-Authorization: Bearer ${TOKEN}\r\n`],
];

const refused =
  (open: number): Attack['expected'] =>
  ({ closed }) =>
    status(closed ?? open);

const SURFACES: readonly [what: string, send: (headers: string) => Buffer, open: number][] = [
  ['to be let in', (headers) => post(headers, HELLO), 200],
  [
    'to open a WebSocket',
    (headers) =>
      request(
        'GET /mcp',
        `Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${headers}`,
      ).subarray(),
    101,
  ],
];

/** Where a credential has no business to be. */
const PLACES: readonly [what: string, path: string][] = [
  ['the token in the query', `/mcp?access_token=${TOKEN}`],
  ['the token in the query, under another name', `/mcp?token=${TOKEN}`],
  ['the key in the query', `/mcp?api_key=${KEY}&x-api-key=${KEY}`],
];

const withoutClose = (bytes: Buffer): Buffer =>
  Buffer.from(bytes.toString('latin1').replace('Connection: close\r\n', 'Connection: Upgrade\r\n'), 'latin1');

export const CREDENTIAL_ATTACKS: readonly Attack[] = [
  ...SURFACES.flatMap(([surface, send, open]) =>
    BAD.map(([row, what, headers]): Attack => ({
      row,
      what: `${surface} with ${what}`,
      send: () => (open === 101 ? withoutClose(send(headers)) : send(headers)),
      expected: refused(open),
    })),
  ),
  ...PLACES.map(([what, path]): Attack => ({
    row: 'T18',
    what,
    send: () => post('', HELLO, path),
    expected: refused(200),
  })),
  {
    row: 'T12',
    what: 'two keys in two headers',
    send: () => post(`X-API-Key: ${KEY}\r\nX-API-Key: ${KEY}\r\n`, HELLO),
    expected: status(400),
  },
  {
    row: 'T12',
    what: 'two credentials in two headers',
    send: () => post(`Authorization: Bearer ${TOKEN}\r\nAuthorization: Bearer ${TOKEN}\r\n`, HELLO),
    expected: status(400),
  },
  ...['GET /mcp', 'DELETE /mcp', 'GET /sse', 'POST /messages?sessionId=x', 'POST /mcp/default'].map((line): Attack => ({
    row: 'T17',
    what: `${line} without a credential`,
    send: () =>
      request(
        line,
        'Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n',
        line.startsWith('POST') ? HELLO : '',
      ),
    expected: (mode) => {
      if (mode.closed) return status(mode.closed);
      if (line.startsWith('POST /mcp') || line === 'GET /sse') return status(200);
      return status(line.startsWith('POST /messages') ? 404 : 400);
    },
  })),
];
