import { connect as connectTcp } from 'node:net';
import { once } from 'node:events';

import { DownstreamApp, initialize, postOf, request, type Json } from '../../../test/support/downstream.js';

describe('Streamable HTTP', () => {
  let gateway: DownstreamApp;

  beforeEach(async () => {
    gateway = await DownstreamApp.start({ ServerSection: { maxBodyBytes: 65_536 } });
  });
  afterEach(() => gateway.stop());

  describe('the door', () => {
    const refusal = async (method: string, headers: Json, body: unknown = request('ping', 1), path = '/mcp') => {
      const { status, json } = await gateway.http(method, { path, ...postOf(body, headers) });
      expect(json).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: expect.any(Number) as number } });
      return status;
    };

    it('knows its methods', async () => {
      for (const method of ['PUT', 'OPTIONS', 'PATCH']) {
        const answer = await gateway.http(method, {});
        expect([answer.status, answer.headers['allow']]).toEqual([405, 'GET, POST, DELETE']);
      }
    });

    it('knows its paths', async () => {
      expect(await refusal('POST', {}, undefined, '/mcp/none')).toBe(404);
      for (const path of ['/MCP', '/mcpx', '//mcp', '/x/../mcp', '/%6dcp']) {
        expect((await gateway.http('POST', { path })).status).toBe(404);
      }
      expect((await gateway.post(initialize(), {}, '/mcp/?x=1')).status).toBe(200);
    });

    it('refuses foreign names and origins before it reads anything', async () => {
      for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example', 'evil.example:8080']) {
        expect(await refusal('POST', { host })).toBe(403);
      }
      for (const origin of ['http://evil.example', 'null', 'http://localhost', 'http://127.0.0.1.evil.example']) {
        expect(await refusal('POST', { origin })).toBe(403);
      }
      const own = `localhost:${gateway.port}`;
      const answer = await gateway.post(initialize(), { host: own, origin: `http://${own}` });
      expect(answer.status).toBe(200);
    });

    it('takes JSON only, whatever charset it claims', async () => {
      for (const type of [undefined, 'text/plain', 'application/jsonp', 'multipart/form-data']) {
        expect(await refusal('POST', { 'content-type': type })).toBe(415);
      }
      for (const encoding of ['gzip', 'br', 'gzip, gzip']) {
        expect(await refusal('POST', { 'content-encoding': encoding })).toBe(415);
      }
      expect((await gateway.post(initialize(), { 'content-type': 'Application/JSON; charset=utf-8' })).status).toBe(
        200,
      );
    });

    it('wants both answers accepted, or says nothing of it', async () => {
      for (const accept of ['application/json', 'text/event-stream', 'text/html', '']) {
        expect(await refusal('POST', { accept })).toBe(406);
      }
      for (const accept of [undefined, '*/*', 'text/html, */*;q=0.8', 'text/event-stream;q=1,APPLICATION/JSON']) {
        const answer = await gateway.post(initialize(), { accept });
        expect(answer.status).toBe(200);
        await gateway.http('DELETE', { headers: { 'mcp-session-id': String(answer.headers['mcp-session-id']) } });
      }
    });

    it('refuses revisions that are not spoken', async () => {
      const session = await gateway.session();
      for (const version of ['1999-01-01', '2024-12-31', '']) {
        const answer = await gateway.post(request('tools/list', 4), { ...session, 'mcp-protocol-version': version });
        expect([answer.status, answer.json]).toMatchObject([400, { id: 4, error: { code: -32000 } }]);
      }
      expect((await gateway.post(request('ping', 4), { ...session, 'mcp-protocol-version': undefined })).status).toBe(
        200,
      );
    });

    it('refuses what is no message', async () => {
      for (const [body, code] of [
        ['', -32700],
        ['{oops', -32700],
        [Buffer.from([0x22, 0xff, 0x22]), -32700],
        ['{} {}', -32700],
        ['1', -32600],
        ['{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600],
        ['{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}', -32600],
      ] as const) {
        const { status, json } = await gateway.post(body);
        expect([status, json]).toMatchObject([400, { error: { code } }]);
      }
      const echoed = await gateway.post('{"id":7,"method":"ping"}');
      expect([echoed.status, echoed.json]).toMatchObject([400, { id: 7, error: { code: -32600 } }]);
    });

    it('refuses what is nested too deeply', async () => {
      const deep = `${'{"a":'.repeat(8_000)}1${'}'.repeat(8_000)}`;
      const { status, json } = await gateway.post(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${deep}}`);
      expect([status, json]).toMatchObject([400, { error: { code: -32700 } }]);
    });

    it('answers a probe for another era in its own words', async () => {
      const { status, json } = await gateway.post(request('server/discover', 15));
      expect([status, json]).toMatchObject([200, { id: 15, error: { code: -32601 } }]);
    });

    it('refuses a body that is too large as soon as it can know', async () => {
      const early = connectTcp(gateway.port, '127.0.0.1');
      early.write(
        'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10000000000\r\n\r\n{',
      );
      const [answer] = (await once(early, 'data')) as [Buffer];
      expect(answer.toString()).toMatch(/^HTTP\/1.1 413 [^]*Connection: close[^]*-32000/i);
      early.destroy();

      const chunked = connectTcp(gateway.port, '127.0.0.1');
      chunked.write(
        'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
      );
      chunked.write(`10000\r\n${'x'.repeat(0x10000)}\r\n10\r\n${'x'.repeat(16)}\r\n`);
      const [late] = (await once(chunked, 'data')) as [Buffer];
      expect(late.toString()).toMatch(/^HTTP\/1.1 413 /);
      chunked.end('0\r\n\r\n');
      await once(chunked, 'close');
      expect((await gateway.post(initialize())).status).toBe(200);
    });

    it('refuses requests that two servers could read differently', async () => {
      for (const head of [
        'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
        'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello',
        'POST /mcp HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\nContent-Length: 0\r\n\r\n',
        'POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: a\r\nAuthorization: b\r\nContent-Length: 0\r\n\r\n',
      ]) {
        const socket = connectTcp(gateway.port, '127.0.0.1');
        socket.write(head);
        const [answer] = (await once(socket, 'data')) as [Buffer];
        expect(answer.toString()).toMatch(/^HTTP\/1.1 400 /);
        socket.destroy();
      }
    });

    it('bounds the headers and the target, wherever they are meant for', async () => {
      const many = Object.fromEntries(Array.from({ length: 120 }, (_, n) => [`x-${n}`, 'y']));
      for (const path of ['/mcp', '/api/v1/status']) {
        expect((await gateway.http('GET', { path, headers: many })).status).toBe(431);
        expect((await gateway.http('GET', { path: `${path}?${'x'.repeat(8_192)}` })).status).toBe(414);
      }
    });
  });
});
