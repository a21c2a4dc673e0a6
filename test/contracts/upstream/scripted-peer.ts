import { spawn } from 'node:child_process';

/** How a scripted server says something to whoever asked. */
export interface Voice {
  say(text: string): void;
  /** Breaks the connection, as a crash would. */
  breakOff(): void;
}

interface Asked {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { value?: unknown; bytes?: number; count?: number };
}

/**
 * A server that does what a test asks of it by the method it calls, over any transport: no MCP beyond
 * `initialize`.
 */
export class ScriptedPeer {
  /** The methods of all requests that were carried out, in order. */
  readonly executed: string[] = [];
  /** Methods that break the connection when they have been carried out. */
  readonly breaking = new Set<string>();
  /** Methods that are never answered. */
  readonly mute = new Set<string>();
  /** Whether everything that comes is left where it is. */
  frozen = false;
  /** All messages that want no reply, in order. */
  readonly heard: string[] = [];
  private held: (() => void)[] = [];

  /** Takes one message; whatever it has to say about it goes to `voice`. */
  receive(text: string, voice: Voice): void {
    const message = JSON.parse(text) as Asked;
    if (message.id === undefined || message.method === undefined) {
      this.heard.push(text);
      return;
    }
    const { id, method, params = {} } = message;
    const reply = (value: unknown): void => voice.say(JSON.stringify({ jsonrpc: '2.0', id, result: { value } }));
    const acts: Record<string, () => void> = {
      'test/echo': () => reply(params.value),
      'test/hold': () => void this.held.push(() => reply(params.value)),
      'test/release': () => this.release(() => reply('released')),
      'test/notify': () => {
        for (let n = 1; n <= (params.count ?? 0); n++) {
          voice.say(JSON.stringify({ jsonrpc: '2.0', method: 'test/notice', params: { n } }));
        }
        reply('done');
      },
      'test/large': () => reply('x'.repeat(params.bytes ?? 0)),
      'test/break': () => voice.breakOff(),
      'test/garbage': () => {
        voice.say('Listening on port 1234');
        voice.say('{"jsonrpc":"2.0","id":');
        reply('after all');
      },
      'test/string-id': () =>
        voice.say(JSON.stringify({ jsonrpc: '2.0', id: String(id), result: { value: params.value } })),
      'test/wrong': () => voice.say(JSON.stringify({ jsonrpc: '2.0', id: id + 100_000, result: { value: 'wrong' } })),
      'test/double': () => {
        reply(params.value);
        reply('again');
      },
      'test/unsolicited': () => {
        for (const other of [id + 100_000, 'x', null]) {
          voice.say(JSON.stringify({ jsonrpc: '2.0', id: other, result: { value: 'unsolicited' } }));
        }
        reply(params.value);
      },
      'test/freeze': () => void (this.frozen = true),
      'test/stop': () => process.kill(process.pid, 'SIGSTOP'),
      'test/silent': () => undefined,
      'test/heard': () => reply([...this.heard]),
      'test/pid': () => reply(process.pid),
      'test/spawn': () => reply(spawn('sleep', ['600'], { stdio: 'ignore' }).pid),
      'test/environment': () => reply(Object.keys(process.env).toSorted()),
      initialize: () => voice.say(JSON.stringify({ jsonrpc: '2.0', id, result: INTRODUCTION })),
    };
    if (this.frozen) return;
    this.executed.push(method);
    if (this.mute.has(method)) return;
    if (this.breaking.has(method)) return voice.breakOff();
    (acts[method] ?? (() => reply(null)))();
  }

  /** The last one that was held speaks first. */
  private release(first: () => void): void {
    const held = this.held.toReversed();
    this.held = [];
    first();
    for (const speak of held) speak();
  }
}

const INTRODUCTION = {
  protocolVersion: '2025-11-25',
  capabilities: { logging: {} },
  serverInfo: { name: 'scripted', version: '1' },
};
