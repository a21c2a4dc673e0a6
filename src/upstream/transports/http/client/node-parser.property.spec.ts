import { once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';

import * as fc from 'fast-check';

import { ResponseFault } from './response-fault.js';
import { ResponseParser } from './response-parser.js';

/** What somebody makes of the bytes of a response: status and body, or nothing. */
type Understood = { readonly status: number; readonly body: string } | undefined;

const JSON_BODY = '{"jsonrpc":"2.0","id":1,"result":{}}';
const ORIGINALS = [
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${JSON_BODY.length}\r\nConnection: close\r\n\r\n${JSON_BODY}`,
  `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1a;a=b\r\n${JSON_BODY.slice(0, 26)}\r\nA\r\n${JSON_BODY.slice(26)}\r\n0\r\nx: y\r\n\r\n`,
  `HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nKeep-Alive: timeout=5\r\n\r\nno`,
  `HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: ${JSON_BODY}\n\n`,
];

/** What parsers have been misled by. */
const POISON = [
  '\r',
  '\n',
  '\r\n',
  '\0',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '-',
  '+',
  '0x',
  '0',
  'f',
  '\x7f',
  '\x80',
  '\r\ntransfer-encoding: chunked',
  '\r\ncontent-length: 3',
  '\r\ncontent-length: 0',
  '\r\n folded',
  ' chunked',
];

const mutation = fc.record({ at: fc.nat(), cut: fc.nat({ max: 3 }), put: fc.constantFrom(...POISON, '') });
const mutated = fc
  .tuple(fc.constantFrom(...ORIGINALS), fc.array(mutation, { maxLength: 3 }))
  .map(([original, changes]) => changes.reduce(changed, original));

describe('a response that was tampered with', () => {
  let server: Server;
  let port: number;
  let said: Buffer;

  beforeAll(async () => {
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      // All of it, and then the end: a body without a length is whole.
      socket.once('data', () => socket.end(said));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });

  afterAll(() => void server.close());

  function nodes(): Promise<Understood> {
    return new Promise((resolve) => {
      const asked = request({ host: '127.0.0.1', port, agent: false }, (response) => {
        let body = '';
        response.setEncoding('latin1').on('data', (text: string) => (body += text));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
        response.on('error', () => resolve(undefined));
      });
      asked.on('upgrade', (_, socket) => {
        socket.destroy();
        resolve(undefined);
      });
      asked.on('error', () => resolve(undefined)).end();
    });
  }

  it.each(ORIGINALS)('is understood as Node does while it is right: %j', async (text) => {
    said = Buffer.from(text, 'latin1');
    const { understood } = ours(said);
    expect(understood?.body).toMatch(/^(?:\{.*\}|no|data: \{.*\}\n\n)$/);
    expect(understood).toEqual(await nodes());
  });

  it('is never understood as anything that Node does not understand', { timeout: 60_000 }, async () => {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(mutated, async (text) => {
        const bytes = Buffer.from(text, 'latin1');
        const { understood, taken } = ours(bytes);
        if (!understood) return;
        said = bytes.subarray(0, taken);
        accepted++;
        expect(understood).toEqual(await nodes());
      }),
      { numRuns: 3_000 },
    );
    // Some changes mean nothing: one that refuses everything would be right as well.
    expect(accepted).toBeGreaterThan(150);
  });
});

/** What we understand, and how many of the bytes: whatever stands behind them ends the connection, not the response. */
function ours(bytes: Buffer): { readonly understood: Understood; readonly taken: number } {
  let body = '';
  const parser = new ResponseParser({
    head: () => undefined,
    data: (chunk) => void (body += chunk.toString('latin1')),
  });
  try {
    const taken = parser.read(bytes, 0);
    parser.finish();
    return { understood: { status: parser.framing?.status ?? 0, body }, taken };
  } catch (thrown) {
    if (!(thrown instanceof ResponseFault)) throw thrown;
    return { understood: undefined, taken: 0 };
  }
}

function changed(text: string, { at, cut, put }: { at: number; cut: number; put: string }): string {
  const place = at % (text.length + 1);
  return text.slice(0, place) + put + text.slice(place + cut);
}
