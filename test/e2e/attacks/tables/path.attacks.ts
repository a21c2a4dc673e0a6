import { type Attack, post, request, status } from '../support/attack.ts';

const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}';

/** Ways to what is guarded, and to what is not there. */
const NOWHERE: readonly string[] = [
  '//api/v1/status',
  '/api//v1/status',
  '/api/v1/%73tatus',
  '/api%2fv1%2fstatus',
  '/mcp/../api/v1/status',
  '/mcp/%2e%2e/api/v1/status',
  '/mcp/..%2fapi/v1/status',
  '/./api/v1/status',
  '/api/v1/status;x',
  '/api/v1/status%00',
  '/api/v1/connections/../status',
  '/api/v1/../../etc/passwd',
  '/api/v1/upstreams/__proto__/status',
  '/api/v1/upstreams/..%2f..%2fetc%2fpasswd/status',
  '/mcp/__proto__',
  '/mcp/constructor',
  '/mcp//default',
  '/mcp/default;x',
  '/mcp%2fdefault',
  '/%6dcp',
  '/MCP',
  '/metrics',
  '/.env',
  '/.git/config',
  '/dist/main.js',
  '/config/gateway.toml',
  '/sse/__proto__',
  '/.well-known/oauth-protected-resource/../../api/v1/status',
];

const METHODS: readonly string[] = ['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND'];

export const PATH_ATTACKS: readonly Attack[] = [
  ...NOWHERE.map((path): Attack => ({
    row: 'T17',
    what: `GET ${path}`,
    send: (pass) => request(`GET ${path}`, pass),
    expected: status(404),
  })),
  ...['/mcp/__proto__', '/mcp/constructor', '/mcp//default', '/mcp/default/x', '/mcp/default;x'].map(
    (path): Attack => ({
      row: 'T36',
      what: `POST ${path}`,
      send: (pass) => post(pass, PING, path),
      expected: status(404),
    }),
  ),
  ...METHODS.map((method): Attack => ({
    row: 'T23',
    what: `${method} /api/v1/status`,
    send: (pass) => request(`${method} /api/v1/status`, `${pass}X-HTTP-Method-Override: GET\r\n`),
    expected: status(404),
  })),
];
