import * as fc from 'fast-check';

import { channelOwner } from '../../../test/support/channel-owner.js';
import { EVERYTHING, TestHolder } from '../../../test/support/holders.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { settingsWith } from '../../../test/support/server-settings.js';
import { INTRODUCTION, TestWire, transportOver } from '../../../test/support/test-wire.js';
import { CancelledError } from '../../core/errors.js';
import { Events } from '../../core/events.js';
import { type InterimMessage, McpRequest, type McpReply, result } from '../../core/message.js';
import { readParams } from '../../protocol/index.js';
import { GATEWAY, type Call } from './call.js';
import type { Channel } from './channel.js';
import { openChannel } from './open-channel.js';

/** A call of one of many downstreams, and what it was shown. */
class TestCall implements Call {
  readonly request: McpRequest;
  readonly abort = new AbortController();
  readonly signal = this.abort.signal;
  readonly progress = true;
  readonly flow = undefined;
  readonly attributable = true;
  readonly sender = GATEWAY;
  readonly deadline = 60_000;
  readonly interim: InterimMessage[] = [];
  readonly outcomes: unknown[] = [];
  id = 0;

  constructor(readonly tag: number) {
    this.request = new McpRequest('tools/call', readParams(Buffer.from(JSON.stringify({ name: String(tag) }))));
  }

  onInterim(message: InterimMessage): void {
    this.interim.push(message);
  }

  standStill(): void {}

  goOn(): void {}

  done(reply: McpReply): void {
    this.outcomes.push(reply.json.object()['tag']);
  }

  failed(): void {
    this.outcomes.push('failed');
  }

  get isOver(): boolean {
    return this.outcomes.length > 0;
  }
}

type Step =
  | { readonly does: 'call' }
  | { readonly does: 'reply' | 'progress' | 'log' | 'ask' | 'cancel' | 'answer' | 'withdraw'; readonly whom: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constant({ does: 'call' } as const) },
    {
      weight: 10,
      arbitrary: fc.record({
        does: fc.constantFrom('reply', 'progress', 'log', 'ask', 'cancel', 'answer', 'withdraw'),
        whom: fc.nat(1_000),
      }),
    },
  ),
  { maxLength: 60 },
);

interface Asked {
  readonly id: number | string;
  readonly tag: number;
}

/** Runs the steps against one channel that knows, or does not know, with which request a message came. */
class Run {
  readonly wire = new TestWire();
  readonly calls: TestCall[] = [];
  readonly asked: Asked[] = [];
  readonly withdrawn = new Set<number | string>();
  readonly holder = new TestHolder('all', { plural: true, capabilities: EVERYTHING });
  private readonly knowsOrigin: boolean;
  private channel!: Channel;

  constructor(knowsOrigin: boolean) {
    this.knowsOrigin = knowsOrigin;
  }

  async open(): Promise<void> {
    this.wire.knowsOrigin = this.knowsOrigin;
    this.wire.introduction = { result: { ...INTRODUCTION, protocolVersion: '2025-11-25' } };
    const context = { settings: settingsWith({}), clock: new ManualClock(), events: new Events() };
    const opening = { capabilities: EVERYTHING, giveUp: new AbortController().signal };
    const owner = channelOwner({ holder: this.holder });
    this.channel = await openChannel(transportOver(this.wire), context, owner, opening);
  }

  take(step: Step): void {
    if (step.does === 'call') return this.call();
    const living = this.calls.filter(({ isOver }) => !isOver);
    // What a server says of requests that are over is part of it.
    const call = this.calls[step.whom % Math.max(1, this.calls.length)];
    const open = living[step.whom % Math.max(1, living.length)];
    if (!call) return;
    const origin = this.knowsOrigin ? call.id : undefined;
    const { id, tag } = call;
    switch (step.does) {
      case 'reply':
        return this.wire.say({ id, result: { tag } });
      case 'progress':
        return this.wire.say({ method: 'notifications/progress', params: { progressToken: id, progress: 1, tag } });
      case 'log':
        return this.wire.say({ method: 'notifications/message', params: { level: 'info', data: tag } }, origin);
      case 'ask':
        return this.ask(call, origin);
      case 'cancel':
        return open?.abort.abort(new CancelledError());
      case 'answer':
        return this.answer(call);
      case 'withdraw':
        return this.withdraw(step.whom);
    }
  }

  private call(): void {
    const call = new TestCall(this.calls.length);
    this.calls.push(call);
    this.channel.send(call);
    call.id = this.wire.sent.at(-1)?.['id'] as number;
  }

  /** Servers count their ids as they like: numbers, and the same as text. */
  private ask({ tag }: TestCall, origin: number | undefined): void {
    const n = this.asked.length;
    const id = n % 2 ? String(n >> 1) : n >> 1;
    this.asked.push({ id, tag });
    this.wire.say({ id, method: 'elicitation/create', params: { message: String(tag) } }, origin);
  }

  private answer({ interim, tag }: TestCall): void {
    for (const message of interim) if (message.kind === 'request') message.answered(result({ tag }));
  }

  private withdraw(index: number): void {
    const asked = this.asked[index % Math.max(1, this.asked.length)];
    if (!asked) return;
    this.withdrawn.add(asked.id);
    this.wire.say({ method: 'notifications/cancelled', params: { requestId: asked.id } });
  }
}

function tagOf(message: InterimMessage): number {
  const { tag, data, message: text } = message.params?.object() ?? {};
  return Number(tag ?? data ?? text);
}

/** Servers over transports that do not say what a message came with, speak of one call at a time only. */
function isCertain(run: Run): boolean {
  return run.calls.filter(({ isOver }) => !isOver).length <= 1;
}

describe('many downstreams on one channel', () => {
  it.each([true, false])('never see what is for another (origins known: %s)', async (knowsOrigin) => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const run = new Run(knowsOrigin);
        await run.open();
        for (const step of all) {
          const speaksOfAny = step.does === 'ask' || step.does === 'log';
          if (!knowsOrigin && speaksOfAny && isCertain(run)) {
            // With one call in flight the server speaks of that one, or of one that was given up a moment ago.
            const current = run.calls.findIndex(({ isOver }) => !isOver);
            const gone = run.calls.findLastIndex(({ outcomes }) => outcomes[0] === 'failed');
            const spoken = step.whom % 2 && gone >= 0 ? gone : current;
            if (spoken >= 0) run.take({ does: step.does, whom: spoken });
          } else {
            run.take(step);
          }
        }
        for (const { tag, interim, outcomes } of run.calls) {
          for (const message of interim) expect(tagOf(message)).toBe(tag);
          expect(outcomes.length).toBeLessThanOrEqual(1);
          expect([tag, 'failed', undefined]).toContain(outcomes[0]);
        }
        expect(run.holder.taken).toEqual([]);
        expectAnswersToBeRight(run);
      }),
      { numRuns: 1_000 },
    );
  });
});

/** Each is answered once at most, by the call that it was for or with a refusal; and by nobody twice. */
function expectAnswersToBeRight({ asked, wire, withdrawn, calls }: Run): void {
  for (const { id, tag } of asked) {
    const answers = wire.sent.filter((message) => message['id'] === id && 'result' in message);
    expect(answers.length).toBeLessThanOrEqual(1);
    const said = answers[0]?.['result'] as { tag?: number; action?: string } | undefined;
    if (said?.tag !== undefined) expect(said.tag).toBe(tag);
    else if (said) expect(said).toEqual({ action: 'cancel' });
    // What nobody can answer any more was refused, unless the server took it back.
    else if (calls[tag]?.isOver && !withdrawn.has(id)) throw new Error(`${id} is never answered`);
  }
}
