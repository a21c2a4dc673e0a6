import type { JsonObject } from '../../src/core/json.js';
import { scan } from '../../src/protocol/index.js';
import type { UpstreamTransport } from '../../src/upstream/index.js';
import type { Wire, WireListener } from '../../src/upstream/index.js';

const LIMITS = { maxBytes: 1_000_000, maxDepth: 64, batch: true };

export const INTRODUCTION = {
  protocolVersion: '2025-06-18',
  capabilities: { tools: {} },
  serverInfo: { name: 's', version: '1' },
};

/** How a modern server describes itself. */
export const DESCRIPTION = {
  resultType: 'complete',
  supportedVersions: ['2026-07-28'],
  capabilities: { tools: {} },
  _meta: { 'io.modelcontextprotocol/serverInfo': { name: 's', version: '2' } },
};

/** What a legacy server says to what it does not know. */
const UNKNOWN: JsonObject = { error: { code: -32601, message: 'Method not found' } };

/** A wire whose other end is the test. */
export class TestWire implements Wire {
  readonly sent: JsonObject[] = [];
  /** What was said beside each of them. */
  readonly headers: (Readonly<Record<string, string>> | undefined)[] = [];
  readonly abandoned: number[] = [];
  /** What was paused and resumed, in order: `pause 2`, `resume`. */
  readonly reading: string[] = [];
  revision = '';
  closed = false;
  knowsOrigin = false;
  hasSession = false;
  listener!: WireListener;
  introduction: JsonObject | undefined = { result: INTRODUCTION };
  /** What is said to `server/discover`, if anything. */
  description: JsonObject | undefined = UNKNOWN;

  send(frame: Buffer, _?: number, headers?: Readonly<Record<string, string>>): void {
    const message = JSON.parse(frame.toString()) as JsonObject;
    this.sent.push(message);
    this.headers.push(headers);
    if (message['method'] === 'initialize' && this.introduction) this.say({ id: message['id'], ...this.introduction });
    if (message['method'] === 'server/discover' && this.description) {
      this.say({ id: message['id'], ...this.description });
    }
  }

  say(message: JsonObject, origin?: number): void {
    this.sayText(JSON.stringify({ jsonrpc: '2.0', ...message }), origin);
  }

  sayText(text: string, origin?: number): void {
    this.listener.message(scan(Buffer.from(text), LIMITS), origin);
  }

  /** What was sent under a method, the handshake aside. */
  find(method: string): JsonObject | undefined {
    return this.sent.find((message) => message['method'] === method);
  }

  abandon(id: number): void {
    this.abandoned.push(id);
  }

  negotiated(revision: string): void {
    this.revision = revision;
  }

  pause(id?: number): void {
    this.reading.push(id === undefined ? 'pause' : `pause ${id}`);
  }

  resume(id?: number): void {
    this.reading.push(id === undefined ? 'resume' : `resume ${id}`);
  }

  introduced(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

/** Opens the wires that a test has made, one after the other, and the last one again. */
export function transportOver(...wires: TestWire[]): UpstreamTransport {
  return {
    open: async (_, listener) => {
      const wire = wires.length > 1 ? wires.shift()! : wires[0]!;
      wire.listener = listener;
      return wire;
    },
  };
}
