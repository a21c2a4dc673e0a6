import { ParkingLot, type RequestStates } from '../../src/bridge/index.js';
import { TimeoutSection, type ConfigService } from '../../src/config/index.js';
import type { Clock } from '../../src/core/clock.js';
import type { Events } from '../../src/core/events.js';
import { GatewayError } from '../../src/core/errors.js';
import type { Exchange } from '../../src/core/exchange.js';
import type { Relay } from '../../src/core/filter.js';
import { InputRequest, McpRequest, result, type McpReply } from '../../src/core/message.js';
import { readParams } from '../../src/protocol/index.js';
import { askedIn, ModernRequest, type Asked, type ModernRequestOptions } from './modern-client.ts';

/** What the clients here declare. */
const CAPABLE = { elicitation: { form: {}, url: {} }, sampling: {} };

/** Lets everything happen that happens by itself. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A question of a server, and what it heard. */
export class Question {
  readonly heard: string[] = [];
  readonly request: InputRequest;
  private withdrawn: ((reason: string | undefined) => void)[] = [];

  constructor(params: object | string, method = 'elicitation/create') {
    const text = typeof params === 'string' ? params : JSON.stringify(params);
    this.request = new InputRequest(method, readParams(Buffer.from(text)), {
      answered: ({ kind, json }) => this.heard.push(`${kind} ${json.bytes.toString()}`),
      refused: () => this.heard.push('refused'),
      progressed: () => undefined,
      onWithdrawn: (callback) => this.withdrawn.push(callback),
    });
  }

  withdraw(): void {
    for (const callback of this.withdrawn.splice(0)) callback('why');
  }
}

/** The upstream side of one call. */
export interface Upstream {
  readonly exchange: Exchange;
  readonly relay: Relay;
  answer(reply: McpReply): void;
  fail(thrown: unknown): void;
  ask(question: Question): Question;
}

export const relay: Relay = (message, exchange) => exchange.deliver(message);

export function request(more: object = {}): McpRequest {
  const params = { name: 'merge', arguments: { a: 1 }, ...more };
  return new McpRequest('tools/call', readParams(Buffer.from(JSON.stringify(params))));
}

/** One request of the client, and what it is answered. */
export class Client {
  readonly from: ModernRequest;
  outcome: McpReply | GatewayError | undefined;

  constructor(run: (from: ModernRequest) => Promise<McpReply>, options: ModernRequestOptions = {}) {
    this.from = new ModernRequest({ capabilities: CAPABLE, ...options });
    run(this.from).then(
      (reply) => (this.outcome = reply),
      (thrown: GatewayError) => (this.outcome = thrown),
    );
  }

  async asked(): Promise<Asked> {
    await settled();
    return askedIn(this.outcome as McpReply);
  }

  async said(): Promise<unknown> {
    await settled();
    const { outcome } = this;
    if (outcome instanceof GatewayError) return `${outcome.code}: ${outcome.message}`;
    return outcome?.json.bytes.toString();
  }
}

export const YES = { action: 'accept', content: { yes: true } };
export const DONE = result({ content: [{ type: 'text', text: 'merged' }] });
export const MERGED = '{"content":[{"type":"text","text":"merged"}]}';
export const EXPIRED = 'state_expired: requestState expired; call the tool again';
export const form = (message = 'Sure?') =>
  new Question({ message, requestedSchema: { type: 'object', properties: {} } });
const NEVER = { subscribe: () => ({ unsubscribe: () => undefined }) };
export const INPUT_MS = 600_000;

export function lotWith(clock: Clock, states: RequestStates, events: Events): ParkingLot {
  const get = () => Object.assign(new TimeoutSection(), { input: INPUT_MS });
  return new ParkingLot(clock, states, events, { get, changes: NEVER } as unknown as ConfigService);
}
