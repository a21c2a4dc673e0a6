import { gzipSync } from 'node:zlib';

import { fine, type Hit } from './hostile-upstream.ts';
import { MEBI, type Outcome } from './replies.ts';

const BROKEN = 'upstream_protocol_error';
const BOMB = gzipSync(Buffer.alloc(64 * MEBI));

/** Ways to answer a POST that only HTTP has. */
export const RESPONSES: Record<
  string,
  { deed: (hit: Hit & { response: NonNullable<Hit['response']> }) => void; outcome: Outcome }
> = {
  'a redirect': {
    deed: ({ response }) => response.writeHead(307, { location: 'http://127.0.0.1:1/canary-redirect' }).end(),
    outcome: BROKEN,
  },
  'a page': {
    deed: ({ response }) => response.writeHead(200, { 'content-type': 'text/html' }).end('canary-page'),
    outcome: BROKEN,
  },
  'a stack': {
    deed: ({ response }) => response.writeHead(500).end('Error: canary-stack\n    at x (/srv/canary-path.js:1:1)'),
    outcome: BROKEN,
  },
  'please log in': {
    deed: ({ response }) =>
      response.writeHead(401, { 'www-authenticate': 'Bearer realm="canary-realm"' }).end('canary-login'),
    outcome: 'upstream_unavailable',
  },
  'too many requests': {
    deed: ({ response }) => response.writeHead(429, { 'retry-after': '99999999' }).end(),
    outcome: 'upstream_unavailable',
  },
  'nothing at all': { deed: ({ response }) => response.writeHead(204).end(), outcome: BROKEN },
  'a compressed bomb': {
    deed: ({ response }) =>
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(BOMB),
    outcome: BROKEN,
  },
  'two responses': {
    deed: ({ id, response }) => {
      const body = JSON.stringify(fine(id));
      response.socket?.end(
        `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}HTTP/1.1 200 OK\r\n\r\n`,
      );
    },
    outcome: 'ok',
  },
  'a length that lies': {
    deed: ({ response }) =>
      response.socket?.end('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{'),
    outcome: 'upstream_unavailable',
  },
  'no HTTP': { deed: ({ response }) => response.socket?.end('SSH-2.0-canary\r\n'), outcome: 'upstream_unavailable' },
  'a session id that is none': {
    deed: ({ id, response }) =>
      response
        .writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 'a b' })
        .end(JSON.stringify(fine(id))),
    outcome: 'ok',
  },
  'an event id that is no header': {
    deed: ({ response }) =>
      response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .end('id: \u00e9\u0001\u2603\nretry: 1\ndata: {}\n\n'),
    outcome: 'upstream_unavailable',
  },
  'an event id of 100 KB': {
    deed: ({ response }) =>
      response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .end(`id: ${'x'.repeat(100_000)}\nretry: 1\ndata:\n\n`),
    outcome: 'upstream_unavailable',
  },
};
