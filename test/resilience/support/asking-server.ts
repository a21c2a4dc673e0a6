import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Json } from '../../support/raw-clients.ts';

/** What a call tells the server to do. */
export interface AskingArguments {
  readonly key: string;
  /** How many questions it asks at once. */
  readonly questions: number;
  /** How often. */
  readonly rounds: number;
}

interface Running {
  readonly args: AskingArguments;
  readonly id: unknown;
  readonly response: ServerResponse;
  /** Ids of the questions that wait. */
  readonly open: Set<number>;
  round: number;
}

/** A legacy server over HTTP whose one tool asks before it answers; it counts what becomes of its calls. */
export class AskingServer {
  /** How often each call was begun. */
  readonly begun = new Map<string, number>();
  readonly cancelled = new Set<string>();
  readonly done = new Set<string>();
  /** Answers to nothing that was asked. */
  strays = 0;
  private readonly running = new Map<string, Running>();
  private readonly asked = new Map<number, Running>();
  private readonly server: Server;
  private questions = 0;
  private port = 0;
  private sessions = 0;

  constructor() {
    this.server = createServer((request, response) => void this.serve(request, response));
    this.server.maxConnections = Infinity;
  }

  async start(): Promise<this> {
    await once(this.server.listen(this.port, '127.0.0.1'), 'listening');
    this.port = (this.server.address() as AddressInfo).port;
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/mcp`;
  }

  /** Calls that are neither answered nor cancelled. */
  get size(): number {
    return this.running.size;
  }

  /** Breaks every connection, as a server that dies does. */
  die(): void {
    this.server.closeAllConnections();
    this.running.clear();
    this.asked.clear();
  }

  async stop(): Promise<void> {
    const closed = new Promise((done) => this.server.close(done));
    this.die();
    await closed;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') return void response.writeHead(request.method === 'GET' ? 405 : 200).end();
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const message = JSON.parse(Buffer.concat(chunks).toString()) as Json;
    if (message['method'] === 'tools/call') return this.call(message, response);
    if (message['id'] === undefined || message['method'] === undefined) {
      response.writeHead(202).end();
      return this.noticed(message);
    }
    const session = message['method'] === 'initialize' ? { 'mcp-session-id': `s${this.sessions++}` } : {};
    const said = JSON.stringify({ jsonrpc: '2.0', id: message['id'], result: resultOf(message['method'] as string) });
    response.writeHead(200, { 'content-type': 'application/json', ...session }).end(said);
  }

  private call({ id, params }: Json, response: ServerResponse): void {
    const args = (params as { arguments: AskingArguments }).arguments;
    this.begun.set(args.key, (this.begun.get(args.key) ?? 0) + 1);
    const running: Running = { args, id, response, open: new Set(), round: 0 };
    this.running.set(args.key, running);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    this.go(running);
  }

  private go(running: Running): void {
    const { args, id } = running;
    if (running.round++ === args.rounds) {
      this.running.delete(args.key);
      this.done.add(args.key);
      this.say(running, { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: args.key }] } });
      return void running.response.end();
    }
    for (let count = 0; count < args.questions; count++) {
      const question = this.questions++;
      running.open.add(question);
      this.asked.set(question, running);
      const params = { message: args.key, requestedSchema: { type: 'object', properties: {} } };
      this.say(running, { jsonrpc: '2.0', id: question, method: 'elicitation/create', params });
    }
  }

  private say({ response }: Running, message: Json): void {
    response.write(`data: ${JSON.stringify(message)}\n\n`);
  }

  private noticed({ method, id, params }: Json): void {
    if (method === 'notifications/cancelled') return this.cancel((params as Json)['requestId']);
    if (method !== undefined) return;
    const running = this.asked.get(id as number);
    this.asked.delete(id as number);
    if (!running?.open.delete(id as number)) return void this.strays++;
    if (running.open.size === 0 && this.running.has(running.args.key)) this.go(running);
  }

  /** Several sessions use the same ids: whichever is meant has lost its response as well. */
  private cancel(id: unknown): void {
    for (const [key, running] of this.running) {
      if (running.id !== id) continue;
      this.cancelled.add(key);
      this.running.delete(key);
      running.response.end();
    }
  }
}

function resultOf(method: string): Json {
  if (method === 'tools/list') return { tools: [] };
  if (method !== 'initialize') return {};
  return { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'asking', version: '1' } };
}
