import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';

import { WebSocket } from 'ws';

import type { RunningGateway } from '../../support/gateway.ts';
import type { ClientTransport } from '../../support/clients.ts';

export interface Reply {
  readonly id: number;
  readonly result?: { readonly content: readonly { readonly text: string }[] };
  readonly error?: {
    readonly code: number;
    readonly data?: { readonly reason?: string; readonly maybeExecuted?: boolean };
  };
}

interface Call {
  readonly id: number;
  readonly promise: Promise<Reply>;
  /** Milliseconds of `performance.now`; infinite until it is answered. */
  answeredAt(): number;
  /** How many replies have come for it. */
  answers(): number;
  /** The client goes away in the middle of it; on a WebSocket with everything else that is under way. */
  leave(): void;
}

export interface Work {
  readonly ms?: number;
  readonly act?: string;
  readonly bytes?: number;
}

const HELLO = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'caller', version: '1' } };

/** A client without an SDK: it sees every reply that comes, also those that nobody waits for. */
export abstract class Caller {
  static async connect(gateway: RunningGateway, transport: ClientTransport): Promise<Caller> {
    const caller = transport === 'websocket' ? new WebSocketCaller(gateway) : new HttpCaller(gateway);
    await caller.open();
    return caller;
  }

  private lastId = 0;
  readonly counts = new Map<number, number>();

  /** Calls the tool that does the work. */
  work(key: string, work: Work = {}, meta?: object): Call {
    return this.call('tools/call', { name: 'work', arguments: { key, ...work }, ...(meta ? { _meta: meta } : {}) });
  }

  call(method: string, params: object): Call {
    const id = ++this.lastId;
    let answeredAt = Number.POSITIVE_INFINITY;
    this.counts.set(id, 0);
    const { promise, leave } = this.send(id, method, params);
    void promise.then(
      () => (answeredAt = performance.now()),
      () => undefined,
    );
    return { id, promise, leave, answeredAt: () => answeredAt, answers: () => this.counts.get(id) ?? 0 };
  }

  protected count(id: number): void {
    this.counts.set(id, (this.counts.get(id) ?? 0) + 1);
  }

  abstract open(): Promise<void>;
  abstract notify(method: string, params?: object): void;
  abstract close(): void;
  protected abstract send(id: number, method: string, params: object): { promise: Promise<Reply>; leave: () => void };
}

class WebSocketCaller extends Caller {
  private readonly socket: WebSocket;
  private readonly waiting = new Map<number, (reply: Reply) => void>();

  constructor(gateway: RunningGateway) {
    super();
    this.socket = new WebSocket(gateway.wsUrl, 'mcp');
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data: Buffer) => {
      const reply = JSON.parse(data.toString()) as Reply;
      if (reply.id === undefined) return;
      this.count(reply.id);
      this.waiting.get(reply.id)?.(reply);
    });
  }

  async open(): Promise<void> {
    await once(this.socket, 'open');
    await this.call('initialize', HELLO).promise;
    this.notify('notifications/initialized');
  }

  notify(method: string, params?: object): void {
    this.socket.send(JSON.stringify({ jsonrpc: '2.0', method, params }));
  }

  close(): void {
    this.socket.terminate();
  }

  protected send(id: number, method: string, params: object) {
    const promise = new Promise<Reply>((resolve) => this.waiting.set(id, resolve));
    this.socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    return { promise, leave: () => this.close() };
  }
}

class HttpCaller extends Caller {
  private session: string | undefined;

  constructor(private readonly gateway: RunningGateway) {
    super();
  }

  async open(): Promise<void> {
    await this.call('initialize', HELLO).promise;
  }

  notify(method: string, params?: object): void {
    this.post().end(JSON.stringify({ jsonrpc: '2.0', method, params }));
  }

  close(): void {
    // Every request has a connection of its own.
  }

  protected send(id: number, method: string, params: object) {
    const asked = this.post();
    const promise = new Promise<Reply>((resolve, reject) => {
      asked.once('error', reject).once('response', (response) => {
        const session = response.headers['mcp-session-id'];
        if (typeof session === 'string') this.session = session;
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.once('error', reject).once('end', () => {
          const replies = text
            .split('\n')
            .map((line) => line.replace(/^data: /, ''))
            .filter((line) => line.startsWith('{'))
            .map((line) => JSON.parse(line) as Reply)
            .filter((reply) => reply.id === id);
          for (const reply of replies) this.count(reply.id);
          const [first] = replies;
          if (first) resolve(first);
          else reject(new Error(`no reply in ${response.statusCode} ${text.slice(0, 200)}`));
        });
      });
    });
    asked.end(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    return { promise, leave: () => void asked.destroy() };
  }

  private post(): ClientRequest {
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(this.session === undefined ? {} : { 'mcp-session-id': this.session }),
    };
    return request(this.gateway.url, { method: 'POST', headers, agent: false });
  }
}
