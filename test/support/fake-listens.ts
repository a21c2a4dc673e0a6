import type { GatewayError } from '../../src/core/errors.js';
import type { JsonObject } from '../../src/core/json.js';
import { errorReply, McpRequest, type McpReply, type Params, result } from '../../src/core/message.js';
import { ACKNOWLEDGED, readParams, SUBSCRIPTION_ID } from '../../src/protocol/index.js';
import type { Call } from '../../src/upstream/channel/call.js';
import { CallTable, type Slot } from '../../src/upstream/channel/call-table.js';
import { Listening } from '../../src/upstream/channel/listening/listening.js';
import type { ListeningHost } from '../../src/upstream/channel/listening/listening-host.js';
import { channelOwner } from './channel-owner.ts';
import { ManualClock } from './manual-clock.ts';
import { TestCall } from './test-call.ts';

/** A question of a downstream that a `Listening` is to answer. */
export class Question extends TestCall {
  override readonly request: McpRequest;

  constructor(method: string, params: JsonObject) {
    super(params);
    this.request = new McpRequest(method, readParams(Buffer.from(JSON.stringify(params))));
  }

  /** `{}`, the code of an error reply, or the code of our own failure. */
  get answer(): unknown {
    const { outcome } = this;
    if (outcome === undefined) return undefined;
    if (!('kind' in outcome)) return outcome.code;
    return outcome.kind === 'error' ? outcome.json.object()['code'] : outcome.json.object();
  }
}

/** One listen as the server sees it. */
export class ServedListen {
  constructor(
    private readonly slot: Slot,
    private readonly calls: CallTable,
  ) {}

  get asked(): JsonObject {
    return this.slot.call.request.object()['notifications'] as JsonObject;
  }

  get isOpen(): boolean {
    return this.calls.find(this.slot.id) === this.slot;
  }

  /** Honours what it is asked for, or what is said. */
  acknowledge(honoured: JsonObject = this.asked): void {
    this.say(ACKNOWLEDGED, { notifications: honoured });
  }

  say(method: string, params: JsonObject = {}): void {
    if (!this.isOpen) return;
    const { _meta: meta, ...rest } = params;
    const tagged = { ...rest, _meta: { ...(meta as JsonObject | undefined), [SUBSCRIPTION_ID]: this.slot.id } };
    this.slot.call.onInterim({ kind: 'notification', method, params: paramsOf(tagged) });
  }

  answer(reply: McpReply): void {
    if (this.calls.replied(this.slot)) this.slot.call.done(reply);
  }

  end(): void {
    this.answer({ ...result({ resultType: 'complete' }), type: 'complete' });
  }

  refuse(code = -32601): void {
    this.answer(errorReply(code, 'no'));
  }

  break(error: GatewayError): void {
    if (this.calls.remove(this.slot)) this.slot.call.failed(error);
  }
}

/** A `Listening` on a channel whose other end is the test. */
export class FakeListens implements ListeningHost {
  readonly clock = new ManualClock();
  readonly peer;
  /** What the owner of the channel was told, in order: `tools`, `db://a`. */
  readonly told: string[] = [];
  readonly updates: JsonObject[] = [];
  readonly drops: string[] = [];
  readonly served: ServedListen[] = [];
  readonly listening: Listening;
  readonly owner = channelOwner({
    listChanged: (kind) => void this.told.push(kind),
    resourceUpdated: (params) => {
      this.told.push(params.text('uri') ?? '?');
      this.updates.push(params.object());
    },
  });
  private readonly calls = new CallTable(
    this.clock,
    () => undefined,
    () => undefined,
  );

  /** @param random a number from 0 up to 1 */
  constructor(capabilities: JsonObject, random = (): number => 0.5) {
    this.peer = {
      era: 'modern',
      revision: '2026-07-28',
      capabilities,
      info: { name: 's', version: '1' },
      instructions: undefined,
    } as const;
    this.listening = new Listening(this, random);
  }

  /** Those the server has not ended and we have not closed. */
  get open(): ServedListen[] {
    return this.served.filter(({ isOpen }) => isOpen);
  }

  get last(): ServedListen {
    const last = this.served.at(-1);
    if (!last) throw new Error('nobody listens');
    return last;
  }

  send(call: Call): void {
    this.served.push(new ServedListen(this.calls.add(call), this.calls));
  }

  dropped(why: string): void {
    this.drops.push(why);
  }

  question(method: string, params: JsonObject): Question {
    return new Question(method, params);
  }

  ask(method: string, params: JsonObject, deadline = this.clock.now() + 60_000): Question {
    const question = this.question(method, params);
    question.deadline = deadline;
    this.listening.take(question);
    return question;
  }

  subscribe(uri: string): Question {
    return this.ask('resources/subscribe', { uri });
  }

  unsubscribe(uri: string): Question {
    return this.ask('resources/unsubscribe', { uri });
  }

  /** Lets what comes close together be gathered. */
  gather(): void {
    this.clock.advance(10);
  }

  /** What was told since this was asked last. */
  news(): string[] {
    return this.told.splice(0);
  }
}

function paramsOf(value: JsonObject): Params {
  return readParams(Buffer.from(JSON.stringify(value)));
}
