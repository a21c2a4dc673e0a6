import { type Attack, post, request, status } from '../support/attack.ts';

/** Names that are not this machine's, however much they look like it. */
export const FOREIGN_HOSTS: readonly string[] = [
  'evil.example',
  'evil.example:8080',
  '127.0.0.1.evil.example',
  'localhost.evil.example',
  'evil.example#localhost',
  'localhost@evil.example',
  'localhost,evil.example',
  'localhost:80:80',
  'localhost:evil',
  'localhost.',
  '0.0.0.0',
  '2130706433',
  '0x7f.1',
  '127.1',
  '[::]',
  '[::1].evil.example',
  '10.0.0.1',
  '',
];

/** Pages that may send nothing here. */
export const FOREIGN_ORIGINS: readonly string[] = [
  'https://evil.example',
  'null',
  'http://localhost.evil.example',
  'http://localhost:1',
  'https://localhost@evil.example',
  'file://',
  'chrome-extension://abc',
  'localhost',
  'http://localhost/',
  'http://LOCALHOST',
  'http://app.example',
  '',
];

const INTRODUCTION = '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}';
const UPGRADE =
  'Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nConnection: Upgrade\r\n';

/** Wherever a page of a browser could send something to. Who is asking is not even looked at. */
const SURFACES: readonly [what: string, send: (headers: string) => Buffer][] = [
  ['POST /mcp', (headers) => post(headers, INTRODUCTION)],
  ['GET /sse', (headers) => request('GET /sse', `Accept: text/event-stream\r\n${headers}`)],
  ['a WebSocket', (headers) => Buffer.from(`GET /mcp HTTP/1.1\r\n${UPGRADE}${headers}\r\n`, 'latin1')],
  ['GET /api/v1/status', (headers) => request('GET /api/v1/status', headers)],
];

const FORMS: readonly string[] = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/jsonp',
  'application/json-patch+json',
  '',
];

export const ORIGIN_ATTACKS: readonly Attack[] = SURFACES.flatMap(([surface, send]) => [
  ...FOREIGN_HOSTS.map((host): Attack => ({
    row: 'T9',
    what: `${surface} by the name "${host}"`,
    send: (pass) => send(`Host: ${host}\r\n${pass}`),
    expected: status(403),
  })),
  ...FOREIGN_ORIGINS.map((origin): Attack => ({
    row: 'T10',
    what: `${surface} from the page of "${origin}"`,
    send: (pass) => send(`Host: localhost\r\nOrigin: ${origin}\r\n${pass}`),
    expected: status(403),
  })),
]).concat(
  FORMS.map((type) => ({
    row: 'T10',
    what: `a body of type "${type}"`,
    send: (pass) => request('POST /mcp', `Content-Type: ${type}\r\n${pass}`, INTRODUCTION),
    expected: status(415),
  })),
  ['/mcp', '/mcp/default', '/sse', '/messages'].map((path) => ({
    row: 'T11',
    what: `a preflight for ${path}`,
    send: () => request(`OPTIONS ${path}`, 'Origin: http://localhost\r\nAccess-Control-Request-Method: POST\r\n'),
    expected: { statuses: [405], says: /^(?![\s\S]*access-control-allow)/i },
  })),
);
