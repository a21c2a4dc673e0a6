import { ManualClock } from '../../../test/support/manual-clock.js';
import { ModernRequest, type Asked, type ModernRequestOptions } from '../../../test/support/modern-client.js';
import {
  form,
  INPUT_MS,
  lotWith,
  Client,
  DONE,
  EXPIRED,
  MERGED,
  Question,
  relay,
  request,
  settled,
  type Upstream,
  YES,
} from '../../../test/support/parking-bench.js';
import { CancelledError, GatewayError } from '../../core/errors.js';
import { Events } from '../../core/events.js';
import type { McpReply } from '../../core/message.js';
import { Sealer } from '../../core/sealed.js';
import type { Parked } from '../state/continuation.js';
import { RequestStates } from '../state/request-states.js';
import type { ParkingLot } from './parking-lot.js';

let clock: ManualClock;
let events: Events;
let states: RequestStates;
let lot: ParkingLot;
let announced: string[];
let calls: Upstream[];

beforeEach(() => {
  clock = new ManualClock();
  events = new Events();
  announced = [];
  calls = [];
  events.on('call.parked', ({ group, server }) => announced.push(`parked ${group} ${server}`));
  events.on('call.released', ({ why }) => announced.push(why));
  states = new RequestStates(new Sealer(Buffer.alloc(32)), clock);
  lot = lotWith(clock, states, events);
});

function call(options: ModernRequestOptions = {}): Client {
  return new Client(({ exchange }) => {
    exchange.target = { group: 'old', name: 'merge' };
    return lot.call(request(), exchange, relay, (_request, parked, towards) => {
      parked.server = { group: 'old', server: 'old-1' };
      return new Promise((answer, fail) => {
        const ask = (question: Question) => (towards(question.request, parked), question);
        calls.push({ exchange: parked, relay: towards, answer, fail, ask });
      });
    });
  }, options);
}

function retry(state: string, inputResponses?: unknown, options: ModernRequestOptions = {}): Client {
  return new Client(({ exchange }) => {
    exchange.target = { group: 'old', name: 'merge' };
    const sent = request({ requestState: state, inputResponses });
    return lot.resume(states.open(sent, exchange) as Parked, sent, exchange, relay);
  }, options);
}

/** A call that was parked with one question. */
async function parked(question = form()): Promise<{ upstream: Upstream; asked: Asked; question: Question }> {
  const client = call();
  const upstream = calls.at(-1)!;
  upstream.ask(question);
  clock.advance(25);
  return { upstream, asked: await client.asked(), question };
}

describe('a call that its server asks nothing for', () => {
  it('is answered by its server, and leaves nothing', async () => {
    const client = call();
    calls[0]!.relay({ kind: 'notification', method: 'notifications/progress', params: undefined }, calls[0]!.exchange);
    calls[0]!.answer(DONE);
    expect(await client.said()).toBe(MERGED);
    expect(client.from.exchange.delivered.map(({ method }) => method)).toEqual(['notifications/progress']);
    expect(client.from.exchange.server).toEqual({ group: 'old', server: 'old-1' });
    expect([lot.size, lot.known, clock.timers, announced]).toEqual([0, 0, 0, []]);
    expect(calls[0]!.exchange.stay.ended).toBe(true);
  });

  it('fails as it failed', async () => {
    const client = call();
    calls[0]!.fail(new GatewayError('upstream_unavailable', 'gone'));
    expect(await client.said()).toBe('upstream_unavailable: gone');
    const refused = new Client(({ exchange }) =>
      lot.call(request(), exchange, relay, () => {
        throw new GatewayError('upstream_overloaded', 'full');
      }),
    );
    expect(await refused.said()).toBe('upstream_overloaded: full');
  });

  it('is cancelled with its client, for the same reason', async () => {
    const client = call();
    const reason = new CancelledError('client disconnected');
    client.from.end(reason);
    expect(calls[0]!.exchange.signal).toMatchObject({ aborted: true, reason });
    expect(await client.said()).toContain('exchange_cancelled');
    calls[0]!.fail(reason);
    await settled();

    const late = new ModernRequest();
    late.end(reason);
    await expect(lot.call(request(), late.exchange, relay, () => Promise.resolve(DONE))).rejects.toThrow(
      CancelledError,
    );
  });
});

describe('a call that its server asks something for', () => {
  it('is answered with the question, and goes on with the answer', async () => {
    const { upstream, asked, question } = await parked();
    expect(asked.resultType).toBe('input_required');
    expect(asked.inputRequests).toEqual({
      r0: {
        method: 'elicitation/create',
        params: { mode: 'form', message: 'Sure?', requestedSchema: { type: 'object', properties: {} } },
      },
    });
    expect([lot.size, announced]).toEqual([1, ['parked old old-1']]);

    const client = retry(asked.requestState, { r0: YES, unknown: {} });
    expect(question.heard).toEqual([`result ${JSON.stringify(YES)}`]);
    expect([lot.size, announced.at(-1)]).toEqual([0, 'answered']);
    expect(upstream.exchange.deadline).toBe(client.from.exchange.deadline);
    upstream.answer(DONE);
    expect(await client.said()).toBe(MERGED);
    expect(client.from.exchange.server).toEqual({ group: 'old', server: 'old-1' });
    expect(upstream.exchange.stay.ended).toBe(true);
    clock.advance(60_000);
    expect([lot.known, clock.timers]).toEqual([0, 0]);
  });

  it('is asked all that comes within a moment at once, in the words of its era and otherwise byte for byte', async () => {
    const client = call();
    calls[0]!.ask(new Question('{ "message":"\\u00e9", "x":1.0 }'));
    calls[0]!.ask(new Question('{"mode":"url","elicitationId":"e1","url":"https:\\/\\/a","big":12345678901234567890}'));
    clock.advance(5);
    calls[0]!.ask(new Question('{"messages":[],"maxTokens":1e2}', 'sampling/createMessage'));
    calls[0]!.ask(new Question('{"mode":"form" ,"message":"m"}'));
    clock.advance(25);
    const { requestState } = await client.asked();
    expect((client.outcome as McpReply).json.bytes.toString()).toBe(
      `{"resultType":"input_required","inputRequests":{` +
        `"r0":{"method":"elicitation/create","params":{"mode":"form","message":"\\u00e9","x":1.0}},` +
        `"r1":{"method":"elicitation/create","params":{"mode":"url","url":"https:\\/\\/a","big":12345678901234567890}},` +
        `"r2":{"method":"sampling/createMessage","params":{"messages":[],"maxTokens":1e2}},` +
        `"r3":{"method":"elicitation/create","params":{"mode":"form" ,"message":"m"}}},` +
        `"requestState":${JSON.stringify(requestState)}}`,
    );
  });

  it('is asked again for what it did not answer, under a state of its own', async () => {
    const client = call();
    const questions = [form('a'), form('b')].map((each) => calls[0]!.ask(each));
    clock.advance(25);
    const first = await client.asked();
    const partial = await retry(first.requestState, { r1: YES }).asked();
    expect(Object.keys(partial.inputRequests)).toEqual(['r0']);
    expect(partial.requestState).not.toBe(first.requestState);
    const last = retry(partial.requestState, { r0: YES, r1: YES });
    expect(questions.map(({ heard }) => heard.length)).toEqual([1, 1]);
    calls[0]!.answer(DONE);
    expect(await last.said()).toBe(MERGED);
  });

  it('is asked the next thing in the next reply', async () => {
    const { upstream, asked } = await parked();
    const client = retry(asked.requestState, { r0: YES });
    upstream.relay({ kind: 'notification', method: 'notifications/progress', params: undefined }, upstream.exchange);
    upstream.ask(form('Really?'));
    clock.advance(25);
    const again = await client.asked();
    expect(Object.keys(again.inputRequests)).toEqual(['r1']);
    expect(client.from.exchange.delivered).toHaveLength(1);
  });

  it('is asked what came while it was parked as soon as it is back', async () => {
    const { upstream, asked } = await parked();
    const late = upstream.ask(form('More?'));
    expect(late.heard).toEqual([]);
    upstream.relay({ kind: 'notification', method: 'notifications/progress', params: undefined }, upstream.exchange);
    const again = await retry(asked.requestState, { r0: YES }).asked();
    expect(Object.keys(again.inputRequests)).toEqual(['r1']);
  });

  it('is not asked what this very request does not declare', async () => {
    const client = call({ capabilities: { elicitation: {} } });
    const refused = [
      calls[0]!.ask(new Question({ messages: [], maxTokens: 1 }, 'sampling/createMessage')),
      calls[0]!.ask(new Question({ mode: 'url', url: 'https://a' })),
      calls[0]!.ask(new Question({}, 'roots/list')),
    ];
    expect(refused.map(({ heard }) => heard)).toEqual([['refused'], ['refused'], ['refused']]);
    clock.advance(25);
    const question = calls[0]!.ask(form());
    clock.advance(25);
    const { requestState } = await client.asked();
    const incapable = retry(requestState, {}, { capabilities: {} });
    expect(question.heard).toEqual(['refused']);
    calls[0]!.answer(DONE);
    expect(await incapable.said()).toBe(MERGED);
  });

  it('is not asked what its server took back', async () => {
    const client = call();
    calls[0]!.ask(form()).withdraw();
    clock.advance(25);
    const question = calls[0]!.ask(form());
    clock.advance(25);
    const { requestState } = await client.asked();
    question.withdraw();
    const back = retry(requestState, { r1: YES });
    expect(question.heard).toEqual([]);
    calls[0]!.answer(DONE);
    expect(await back.said()).toBe(MERGED);
  });

  it.each(['[]', '"yes"', '{"r0":1}', 'null'])('stays parked when the answers are %s', async (text) => {
    const answers: unknown = JSON.parse(text);
    const { asked, question } = await parked();
    expect(await retry(asked.requestState, answers).said()).toContain('protocol_invalid_params');
    expect([lot.size, question.heard]).toEqual([1, []]);
    retry(asked.requestState, { r0: YES });
    expect(question.heard).toHaveLength(1);
  });

  it('goes on for whoever brings the answers first, and ends the same for whoever brings them again', async () => {
    const { upstream, asked, question } = await parked();
    const clients = [retry(asked.requestState, { r0: YES }), retry(asked.requestState, { r0: { action: 'cancel' } })];
    expect(question.heard).toHaveLength(1);
    upstream.answer(DONE);
    clients.push(retry(asked.requestState, { r0: YES }));
    await settled();
    clients.push(retry(asked.requestState, { r0: YES }));
    expect(await Promise.all(clients.map((client) => client.said()))).toEqual(clients.map(() => MERGED));
    clock.advance(60_000);
    expect(await retry(asked.requestState, { r0: YES }).said()).toBe(EXPIRED);
  });

  it('gives the same question to whoever repeats the answers before it, and none to older ones', async () => {
    const { upstream, asked } = await parked();
    const states = [asked.requestState];
    for (const key of ['r0', 'r1']) {
      const client = retry(states.at(-1)!, { [key]: YES });
      upstream.ask(form());
      clock.advance(25);
      states.push((await client.asked()).requestState);
    }
    expect((await retry(states[1]!, { r1: YES }).asked()).requestState).toBe(states[2]);
    expect(await retry(states[0]!, { r0: YES }).said()).toBe(EXPIRED);
  });

  it('keeps its outcome for a minute when it ends while it is parked', async () => {
    const [one, other, third] = [await parked(), await parked(), await parked()];
    one.upstream.answer(DONE);
    other.upstream.fail(new GatewayError('upstream_unavailable', 'gone'));
    third.upstream.answer(DONE);
    await settled();
    expect([lot.size, announced.slice(-3)]).toEqual([0, ['ended', 'ended', 'ended']]);
    expect(one.question.heard).toEqual(['refused']);
    expect(await retry(one.asked.requestState, { r0: YES }).said()).toBe(MERGED);
    expect(await retry(other.asked.requestState, { r0: YES }).said()).toBe('upstream_unavailable: gone');
    clock.advance(60_000);
    expect(await retry(third.asked.requestState, { r0: YES }).said()).toBe(EXPIRED);
    expect([lot.known, clock.timers]).toEqual([0, 0]);
  });
});

describe('a parked call', () => {
  it('is refused and cancelled when its time is over, and its client is told so', async () => {
    const { upstream, asked, question } = await parked();
    const order: string[] = [];
    upstream.exchange.signal.addEventListener('abort', { handleEvent: () => order.push(...question.heard, 'abort') });
    expect(upstream.exchange.deadline).toBeGreaterThanOrEqual(clock.now() + INPUT_MS);
    clock.advance(INPUT_MS);
    expect(order).toEqual(['refused', 'abort']);
    expect(upstream.exchange.signal.reason).toMatchObject({ reason: 'input timed out' });
    upstream.fail(new CancelledError());
    expect(await retry(asked.requestState, { r0: YES }).said()).toBe(EXPIRED);
    expect([lot.size, lot.known, announced.at(-1), clock.timers]).toEqual([0, 0, 'expired', 0]);
  });

  it('has all of its time anew with an answer, and no more for coming back without one', async () => {
    const client = call();
    calls[0]!.ask(form('a'));
    calls[0]!.ask(form('b'));
    clock.advance(25);
    let { requestState } = await client.asked();
    clock.advance(INPUT_MS / 2);
    ({ requestState } = await retry(requestState, { r0: YES }).asked());
    for (const _ of [1, 2, 3]) {
      clock.advance(INPUT_MS / 4);
      ({ requestState } = await retry(requestState).asked());
    }
    expect(lot.size).toBe(1);
    clock.advance(INPUT_MS / 4);
    expect(lot.size).toBe(0);
  });

  it('is not touched by the end of the request that began it', async () => {
    const client = call();
    calls[0]!.ask(form());
    clock.advance(25);
    await client.asked();
    client.from.end(new CancelledError('late'));
    expect([calls[0]!.exchange.signal.aborted, calls[0]!.exchange.stay.ended, lot.size]).toEqual([false, false, 1]);
  });

  it('is cancelled with the last request that attends it', async () => {
    const { upstream, asked } = await parked();
    const clients = [retry(asked.requestState, { r0: YES }), retry(asked.requestState, { r0: YES })];
    clients[0]!.from.end(new CancelledError('first'));
    expect(upstream.exchange.signal.aborted).toBe(false);
    clients[1]!.from.end(new CancelledError('second'));
    expect(upstream.exchange.signal.reason).toMatchObject({ reason: 'second' });
    expect(await retry(asked.requestState, { r0: YES }).said()).toBe(EXPIRED);
    expect(lot.known).toBe(0);
  });

  it('is unknown to any other process', async () => {
    const { asked } = await parked();
    lot = lotWith(clock, states, events);
    expect(await retry(asked.requestState, { r0: YES }).said()).toBe(EXPIRED);
  });

  it('is one of so many', async () => {
    lot.limit = 2;
    await parked();
    const { asked } = await parked();
    const client = call();
    const question = calls[2]!.ask(form());
    clock.advance(25);
    expect(await client.said()).toContain('limit_parked_calls');
    expect([question.heard, calls[2]!.exchange.signal.aborted, lot.size]).toEqual([['refused'], true, 2]);

    retry(asked.requestState, { r0: YES });
    const next = call();
    calls[3]!.ask(form());
    clock.advance(25);
    expect((await next.asked()).resultType).toBe('input_required');
  });

  it('does not outlive the lot, which takes no more', async () => {
    const { upstream, question, asked } = await parked();
    const attended = retry((await parked()).asked.requestState, { r0: YES });
    lot.close();
    expect([question.heard, upstream.exchange.signal.aborted]).toEqual([['refused'], true]);
    expect(await attended.said()).toContain('exchange_cancelled');
    expect(await retry(asked.requestState, { r0: YES }).said()).toBe(EXPIRED);
    const client = call();
    const refused = calls.at(-1)!.ask(form());
    clock.advance(25);
    expect([refused.heard, lot.size, lot.known, clock.timers]).toEqual([['refused'], 0, 0, 0]);
    expect(await client.said()).toContain('limit_parked_calls');
  });

  it('makes room for those that are over after it', async () => {
    lot.limit = 2;
    const over: string[] = [];
    for (const _ of [1, 2, 3]) {
      const each = await parked();
      each.upstream.answer(DONE);
      await settled();
      over.push(each.asked.requestState);
    }
    const said = [];
    for (const state of over) said.push(await retry(state, { r0: YES }).said());
    expect(said).toEqual([EXPIRED, MERGED, MERGED]);
    expect(lot.known).toBe(2);
  });
});
