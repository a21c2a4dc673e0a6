import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Json } from './raw-clients.js';

/** An MCP server over Streamable HTTP that hands out sessions, and forgets them when it is told to. */
export class ForgetfulServer implements AsyncDisposable {
  /** What was asked, in order: method and session. */
  readonly heard: { readonly method: string; readonly session: string | undefined; readonly message: Json }[] = [];
  /** Whether it forgets each session with the first request on it. */
  forgetsAtOnce = false;
  private readonly sessions = new Set<string>();
  private readonly http = createServer((request, response) => void this.answer(request, response));

  static async start(): Promise<ForgetfulServer> {
    const server = new ForgetfulServer();
    server.http.listen(0, '127.0.0.1');
    await once(server.http, 'listening');
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}/mcp`;
  }

  /** The sessions that there are. */
  get size(): number {
    return this.sessions.size;
  }

  count(method: string): number {
    return this.heard.filter((each) => each.method === method).length;
  }

  /** From now on nothing is known of any session that there was. */
  forget(): void {
    this.sessions.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.http.closeAllConnections();
    this.http.close();
    await once(this.http, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const session = request.headers['mcp-session-id'] as string | undefined;
    if (request.method === 'DELETE') {
      response.writeHead(this.sessions.delete(session ?? '') ? 204 : 404).end();
      return;
    }
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const message = JSON.parse(Buffer.concat(chunks).toString()) as Json;
    const method = String(message['method']);
    this.heard.push({ method, session, message });
    if (method === 'initialize') return this.initialize(message, response);
    if (!this.sessions.has(session ?? '')) return void response.writeHead(404).end();
    if (!('id' in message)) return void response.writeHead(202).end();
    if (this.forgetsAtOnce) return void response.writeHead(404).end();
    this.reply(message, response, { value: session });
  }

  private initialize(message: Json, response: ServerResponse): void {
    const session = randomUUID();
    this.sessions.add(session);
    response.setHeader('mcp-session-id', session);
    const serverInfo = { name: 'forgetful', version: '1' };
    this.reply(message, response, { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo });
  }

  private reply({ id }: Json, response: ServerResponse, result: Json): void {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
  }
}
