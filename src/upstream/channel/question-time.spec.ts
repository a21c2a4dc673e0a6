import { channelOwner } from '../../../test/support/channel-owner.js';
import { exchangeWith } from '../../../test/support/exchanges.js';
import { TestHolder } from '../../../test/support/holders.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { settingsWith } from '../../../test/support/server-settings.js';
import { TestCall } from '../../../test/support/test-call.js';
import { INTRODUCTION, TestWire, transportOver } from '../../../test/support/test-wire.js';
import { Events } from '../../core/events.js';
import type { JsonValue } from '../../core/json.js';
import { type InputRequest, McpRequest, result } from '../../core/message.js';
import type { CallHost } from '../call-host.js';
import { GroupCall } from '../group-call.js';
import type { GroupMember } from '../group-member.js';
import type { Channel } from './channel.js';
import { openChannel } from './open-channel.js';

const SECOND = 1_000;
const ATTEMPT_MS = 10 * SECOND;
const ELICIT = { method: 'elicitation/create', params: { message: 'name?' } };

let clock: ManualClock;
let wire: TestWire;
let holder: TestHolder;
let channel: Channel;

beforeEach(async () => {
  clock = new ManualClock();
  wire = new TestWire();
  wire.introduction = { result: { ...INTRODUCTION, protocolVersion: '2025-11-25' } };
  holder = new TestHolder('a');
  const context = { settings: settingsWith({}), clock, events: new Events() };
  const opening = { capabilities: holder.capabilities, giveUp: new AbortController().signal };
  channel = await openChannel(transportOver(wire), context, channelOwner({ holder }), opening);
});

/** A group whose one server is at the other end of the channel. */
function host(): CallHost {
  const server = {
    ref: { group: 'crm', server: 'crm-1' },
    began: () => 0,
    ended: () => undefined,
    send: (call: GroupCall) => channel.send(call),
  };
  return {
    get now() {
      return clock.now();
    },
    attemptTimeout: ATTEMPT_MS,
    replicas: 1,
    choose: () => ({ id: 'crm-1', server }) as unknown as GroupMember,
    park: () => undefined,
    unpark: () => undefined,
    isRepeatable: () => true,
    affordsRepetition: () => true,
    attempted: () => undefined,
  };
}

interface Sent {
  outcome: unknown;
  id: JsonValue | undefined;
}

/** A request whose client waits as long as it takes; what became of it stands in `outcome`. */
function start(): Sent {
  const exchange = exchangeWith({ deadline: Number.POSITIVE_INFINITY });
  const purpose = { deadline: exchange.deadline, exchange, relay: () => undefined, holder };
  const sent: Sent = { outcome: undefined, id: undefined };
  const keep = (outcome: unknown): void => void (sent.outcome = outcome);
  new GroupCall(host(), new McpRequest('tools/call', undefined), purpose).run().then(keep, keep);
  sent.id = wire.sent.at(-1)?.['id'];
  return sent;
}

async function outcomes(...calls: { outcome: unknown }[]): Promise<unknown[]> {
  await new Promise(setImmediate);
  return calls.map(({ outcome }) => (outcome as { code?: string } | undefined)?.code ?? outcome);
}

function asked(index = 0): InputRequest {
  return holder.taken[index] as InputRequest;
}

describe('while a server waits for an answer that may be for any of several calls', () => {
  it('none of them runs out of time, whether it had begun or begins meanwhile, and then each has its time anew', async () => {
    const early = [start(), start()];
    clock.advance(8 * SECOND);
    wire.say({ id: 'q', ...ELICIT });
    clock.advance(60 * SECOND);
    const late = start();
    clock.advance(60 * SECOND);
    expect(await outcomes(...early, late)).toEqual([undefined, undefined, undefined]);

    asked().answered(result({ action: 'accept' }));
    clock.advance(ATTEMPT_MS - 1);
    expect(await outcomes(...early, late)).toEqual([undefined, undefined, undefined]);
    wire.say({ id: early[0]!.id, result: {} });
    clock.advance(1);
    expect(await outcomes(early[1]!, late)).toEqual(['upstream_timeout', 'upstream_timeout']);
    expect(early[0]!.outcome).toMatchObject({ kind: 'result' });
  });

  it('each keeps what it had left, for when the server takes its question back', async () => {
    const first = start();
    clock.advance(4 * SECOND);
    const second = start();
    clock.advance(4 * SECOND);
    wire.say({ id: 'q', ...ELICIT });
    clock.advance(60 * SECOND);
    wire.say({ method: 'notifications/cancelled', params: { requestId: 'q' } });
    clock.advance(2 * SECOND - 1);
    expect(await outcomes(first, second)).toEqual([undefined, undefined]);
    clock.advance(1);
    expect(await outcomes(first, second)).toEqual(['upstream_timeout', undefined]);
    clock.advance(4 * SECOND);
    expect(await outcomes(second)).toEqual(['upstream_timeout']);
  });

  it('they wait for the last of several answers', async () => {
    const calls = [start(), start()];
    wire.say({ id: 1, ...ELICIT });
    wire.say({ id: 2, ...ELICIT });
    asked(0).answered(result({}));
    clock.advance(60 * SECOND);
    expect(await outcomes(...calls)).toEqual([undefined, undefined]);
    asked(1).refused();
    clock.advance(ATTEMPT_MS);
    expect(await outcomes(...calls)).toEqual(['upstream_timeout', 'upstream_timeout']);
  });

  it('one that ends has no part in it any more, and one that comes after the answer none at all', () => {
    const [gone, other, own] = [new TestCall(), new TestCall(), new TestCall()];
    own.attributable = false;
    for (const call of [gone, other, own]) channel.send(call);
    wire.say({ id: 1, ...ELICIT });
    const id = wire.sent.find(({ method }) => method === 'tools/call')?.['id'];
    wire.say({ id, result: {} });
    asked().answered(result({}));
    const next = new TestCall();
    channel.send(next);
    expect([gone, other, own, next].map(({ time }) => time)).toEqual([
      ['stands still', 'goes on'],
      ['stands still', 'goes on anew'],
      [],
      [],
    ]);
  });
});
