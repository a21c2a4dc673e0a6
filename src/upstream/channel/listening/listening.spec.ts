import { FakeListens } from '../../../../test/support/fake-listens.js';
import { GatewayError } from '../../../core/errors.js';
import type { JsonObject } from '../../../core/json.js';

const BOTH = { tools: { listChanged: true }, prompts: {}, resources: { listChanged: true, subscribe: true } };
const LISTS = { toolsListChanged: true, resourcesListChanged: true };
const MINUTE = 60_000;

function unavailable(): GatewayError {
  return new GatewayError('upstream_unavailable', 'the connection broke');
}

/** Listens, acknowledged and told of everything that may have been missed before. */
function listening(capabilities: JsonObject = BOTH): FakeListens {
  const fake = new FakeListens(capabilities);
  fake.listening.start();
  if (fake.served.length > 0) fake.last.acknowledge();
  fake.news();
  return fake;
}

/** Listens, with one resource subscribed to. */
function subscribed(uri = 'db://a'): FakeListens {
  const fake = listening();
  fake.subscribe(uri);
  fake.gather();
  fake.last.acknowledge();
  fake.news();
  return fake;
}

describe('Listening for lists', () => {
  it('asks for those of which the server says that it tells, and for nothing else', () => {
    const fake = new FakeListens(BOTH);
    fake.listening.start();

    expect(fake.served.map(({ asked }) => asked)).toEqual([LISTS]);
    expect(fake.last.isOpen).toBe(true);
  });

  it('asks for nothing where there is nothing to ask for', () => {
    const fake = listening({ tools: {}, resources: { listChanged: false } });
    fake.clock.advance(10 * MINUTE);

    expect(fake.served).toEqual([]);
    expect(fake.told).toEqual([]);
  });

  it('tells of a change, and of what may have changed before the server listened', () => {
    const fake = new FakeListens(BOTH);
    fake.listening.start();
    fake.last.acknowledge();
    expect(fake.news()).toEqual(['tools', 'resources']);

    fake.last.say('notifications/resources/list_changed');
    expect(fake.news()).toEqual(['resources']);
  });

  it('takes no notice of what belongs on no listen', () => {
    const fake = listening();
    fake.last.say('notifications/message', { level: 'info', data: 'x' });
    fake.last.say('notifications/tasks', { taskId: 't' });

    expect(fake.told).toEqual([]);
    expect(fake.drops).toEqual(['unknown_notification', 'unknown_notification']);
  });

  it('listens again when the server ends it, and takes everything to have changed', () => {
    const fake = listening();
    fake.last.end();
    fake.clock.advance(250);
    expect(fake.served).toHaveLength(2);
    expect(fake.news()).toEqual([]);

    fake.last.acknowledge();
    expect(fake.news()).toEqual(['tools', 'resources']);
  });

  it('takes a cancellation by the server for the end', () => {
    const fake = listening();
    fake.last.say('notifications/cancelled', { requestId: 1 });
    expect(fake.open).toEqual([]);

    fake.clock.advance(250);
    expect(fake.open).toHaveLength(1);
  });

  it('waits longer with every failure, and not at all long once a listen has lasted', () => {
    const fake = listening();
    for (const wait of [125, 250, 500, 1_000, 2_000]) {
      fake.last.break(unavailable());
      fake.clock.advance(wait - 1);
      expect(fake.open).toEqual([]);
      fake.clock.advance(1);
      expect(fake.open).toHaveLength(1);
    }
    fake.last.acknowledge();
    fake.clock.advance(10_000);
    fake.last.break(unavailable());
    fake.clock.advance(125);
    expect(fake.open).toHaveLength(1);
  });

  it('waits longer for a server that acknowledges and ends at once', () => {
    const fake = listening();
    for (let times = 0; times < 200; times++) {
      fake.last.end();
      fake.clock.advance(125);
      if (fake.open.length > 0) fake.last.acknowledge();
    }
    fake.clock.advance(MINUTE);

    expect(fake.served.length).toBeLessThan(12);
  });

  it('gives up a listen that is not acknowledged, and tries again', () => {
    const fake = new FakeListens(BOTH);
    fake.listening.start();
    fake.clock.advance(10_000);
    expect(fake.open).toEqual([]);

    fake.clock.advance(125);
    expect(fake.open).toHaveLength(1);
  });

  it('never gives up one that is acknowledged', () => {
    const fake = listening();
    fake.clock.advance(60 * MINUTE);

    expect(fake.served).toHaveLength(1);
    expect(fake.open).toHaveLength(1);
    expect(fake.told).toEqual([]);
  });
});

describe('Listening to a server that will not', () => {
  it.each([
    ['an unknown method', (fake: FakeListens) => fake.last.refuse(-32601)],
    ['too many', (fake: FakeListens) => fake.last.refuse(-32603)],
    ['a result and nothing else', (fake: FakeListens) => fake.last.end()],
    ['HTTP 404', (fake: FakeListens) => fake.last.break(new GatewayError('upstream_protocol_error', 'refused'))],
    ['that it honours nothing', (fake: FakeListens) => fake.last.acknowledge({})],
  ])('asks again every five minutes where it answers %s, and takes lists to change every minute', (_, answer) => {
    const fake = new FakeListens(BOTH);
    fake.listening.start();
    answer(fake);
    expect(fake.open).toEqual([]);
    fake.clock.advance(MINUTE - 1);
    expect(fake.news()).toEqual([]);
    fake.clock.advance(1);
    expect(fake.news()).toEqual(['tools', 'resources']);
    fake.clock.advance(MINUTE);
    expect(fake.news()).toEqual(['tools', 'resources']);
    expect(fake.served).toHaveLength(1);

    fake.clock.advance(3 * MINUTE);
    expect(fake.served).toHaveLength(2);
    fake.last.acknowledge();
    fake.news();
    fake.clock.advance(10 * MINUTE);
    expect(fake.news()).toEqual([]);
  });

  it('refuses subscriptions at once', () => {
    const fake = new FakeListens(BOTH);
    fake.listening.start();
    const early = fake.subscribe('db://a');
    fake.last.refuse();

    expect(early.answer).toBe(-32602);
    expect(fake.subscribe('db://b').answer).toBe(-32602);
    fake.gather();
    expect(fake.served).toHaveLength(1);
  });

  it('takes those lists to change that are not honoured', () => {
    const fake = new FakeListens(BOTH);
    fake.listening.start();
    fake.last.acknowledge({ toolsListChanged: true });
    expect(fake.news()).toEqual(['tools']);
    fake.clock.advance(MINUTE);

    expect(fake.news()).toEqual(['resources']);
    expect(fake.served).toHaveLength(1);
  });

  it('does not take lists to change at the same moment for all servers', () => {
    const early = new FakeListens(BOTH, () => 0);
    early.listening.start();
    early.last.refuse();
    early.clock.advance(48_000);

    expect(early.news()).toEqual(['tools', 'resources']);
  });
});

describe('Listening for resources', () => {
  it('answers a subscription once the server honours it, and closes what was open before', () => {
    const fake = listening();
    const [before] = fake.open;
    const question = fake.subscribe('db://a');
    fake.gather();
    expect(fake.last.asked).toEqual({ ...LISTS, resourceSubscriptions: ['db://a'] });
    expect(before?.isOpen).toBe(true);
    expect(question.answer).toBeUndefined();

    fake.last.acknowledge();
    expect(question.answer).toEqual({});
    expect(before?.isOpen).toBe(false);
    expect(fake.news()).toEqual([]);
  });

  it('gathers what comes close together', () => {
    const fake = listening();
    const questions = ['db://a', 'db://b', 'db://a'].map((uri) => fake.subscribe(uri));
    fake.gather();
    fake.last.acknowledge();

    expect(fake.served).toHaveLength(2);
    expect(questions.map(({ answer }) => answer)).toEqual([{}, {}, {}]);
  });

  it('asks under the name that the server has for the resource', () => {
    const fake = listening();
    const question = fake.subscribe('crm+db://a');
    Object.assign(question, { request: question.request.withName('db://a') });
    fake.listening.take(question);
    fake.gather();

    expect(fake.last.asked['resourceSubscriptions']).toContain('db://a');
  });

  it('tells of an update as a legacy server would', () => {
    const fake = subscribed();
    fake.last.say('notifications/resources/updated', { uri: 'db://a' });
    fake.last.say('notifications/resources/updated', { uri: 'db://a/part', _meta: { mine: 1 } });

    expect(fake.updates).toEqual([{ uri: 'db://a' }, { uri: 'db://a/part', _meta: { mine: 1 } }]);
  });

  it('answers at once what is honoured already', () => {
    const fake = subscribed();
    expect(fake.subscribe('db://a').answer).toEqual({});
    fake.gather();
    expect(fake.served).toHaveLength(2);
  });

  it('asks for less when nobody is subscribed any more', () => {
    const fake = subscribed();
    expect(fake.unsubscribe('db://a').answer).toEqual({});
    fake.gather();
    expect(fake.last.asked).toEqual(LISTS);
    fake.last.acknowledge();

    expect(fake.open).toHaveLength(1);
    expect(fake.unsubscribe('db://a').answer).toEqual({});
    fake.gather();
    expect(fake.served).toHaveLength(3);
  });

  it('does not listen at all when nothing is left to listen for', () => {
    const fake = listening({ resources: { subscribe: true } });
    fake.subscribe('db://a');
    fake.gather();
    fake.last.acknowledge();
    fake.unsubscribe('db://a');
    fake.gather();

    expect(fake.open).toEqual([]);
    expect(fake.served).toHaveLength(1);
  });

  it('refuses what the server does not honour, and keeps what it does', () => {
    const fake = subscribed();
    const questions = ['db://b', 'db://c'].map((uri) => fake.subscribe(uri));
    fake.gather();
    fake.last.acknowledge({ ...LISTS, resourceSubscriptions: ['db://a', 'db://c'] });

    expect(questions.map(({ answer }) => answer)).toEqual([-32602, {}]);
    fake.clock.advance(10 * MINUTE);
    expect(fake.served).toHaveLength(3);
  });

  it('keeps what is open when a change of it is refused', () => {
    const fake = subscribed();
    const question = fake.subscribe('db://b');
    fake.gather();
    fake.last.refuse(-32602);

    expect(question.answer).toBe(-32602);
    expect(fake.open).toHaveLength(1);
    const again = fake.subscribe('db://c');
    fake.gather();
    fake.last.acknowledge();
    expect(again.answer).toEqual({});
  });

  it('goes on after a first resource that nobody knows', () => {
    const fake = listening({ resources: { subscribe: true } });
    const unknown = fake.subscribe('db://x');
    fake.gather();
    fake.last.acknowledge({});
    const known = fake.subscribe('db://a');
    fake.gather();
    fake.last.acknowledge();

    expect([unknown.answer, known.answer]).toEqual([-32602, {}]);
  });

  it('answers what came while a listen was being made by another one', () => {
    const fake = listening();
    fake.subscribe('db://a');
    fake.gather();
    const late = fake.subscribe('db://b');
    fake.gather();
    expect(fake.open).toHaveLength(2);
    fake.last.acknowledge();
    expect(late.answer).toBeUndefined();
    fake.gather();
    fake.last.acknowledge();

    expect(late.answer).toEqual({});
    expect(fake.open).toHaveLength(1);
  });

  it('tells of an update for what nobody listened for in between', () => {
    const fake = subscribed();
    fake.unsubscribe('db://a');
    fake.gather();
    expect(fake.subscribe('db://a').answer).toEqual({});
    fake.last.acknowledge();
    fake.gather();
    expect(fake.news()).toEqual([]);
    fake.last.acknowledge();

    expect(fake.news()).toEqual(['db://a']);
  });

  it('tells once of a list that changed while both were open', () => {
    const fake = listening();
    const [before] = fake.open;
    fake.subscribe('db://a');
    fake.gather();
    before?.say('notifications/tools/list_changed');
    fake.last.acknowledge();
    fake.last.say('notifications/tools/list_changed');
    fake.clock.advance(50);
    expect(fake.news()).toEqual(['tools']);

    fake.last.say('notifications/tools/list_changed');
    expect(fake.news()).toEqual(['tools']);
  });

  it('tells of an update for everything that is subscribed to when it was not listened for', () => {
    const fake = subscribed();
    fake.last.break(unavailable());
    fake.clock.advance(250);
    fake.last.acknowledge();

    expect(fake.news()).toEqual(['tools', 'resources', 'db://a']);
  });

  it('takes what it is subscribed to as updated every minute while the server does not listen', () => {
    const fake = subscribed();
    fake.last.break(unavailable());
    fake.clock.advance(250);
    fake.last.refuse();
    fake.clock.advance(MINUTE);

    expect(fake.news()).toEqual(['tools', 'resources', 'db://a']);
  });

  it('lets nobody wait for longer than it can', () => {
    const fake = new FakeListens(BOTH);
    fake.listening.start();
    const late = fake.ask('resources/subscribe', { uri: 'db://a' }, 1_000);
    const gone = fake.subscribe('db://b');
    gone.abort.abort();
    const never = fake.ask('resources/subscribe', { uri: 'db://c' });
    fake.clock.advance(1_000);
    expect([late.answer, gone.answer, never.answer]).toEqual(['upstream_timeout', 'exchange_cancelled', undefined]);

    fake.last.acknowledge();
    fake.gather();
    expect(fake.last.asked['resourceSubscriptions']).toEqual(['db://c']);
  });

  it('answers whoever waits when it is closed, and listens no more', () => {
    const fake = listening();
    const waiting = fake.subscribe('db://a');
    fake.gather();
    fake.listening.close();

    expect(waiting.answer).toBe('upstream_unavailable');
    expect(fake.subscribe('db://b').answer).toBe('upstream_unavailable');
    expect(fake.open).toEqual([]);
    fake.clock.advance(10 * MINUTE);
    expect(fake.served).toHaveLength(2);
    expect(fake.told).toEqual([]);
  });
});

describe('Listening', () => {
  it.each(['ping', 'logging/setLevel'])('answers %s itself', (method) => {
    const fake = listening();
    expect(fake.ask(method, { level: 'info' }).answer).toEqual({});
  });

  it('leaves everything else to the server', () => {
    const fake = listening();
    expect(fake.ask('tools/list', {}).answer).toBeUndefined();
  });

  it('refuses a subscription to nothing', () => {
    const fake = listening();
    expect(fake.ask('resources/subscribe', {}).answer).toBe(-32602);
    expect(fake.ask('resources/unsubscribe', { uri: 7 }).answer).toBe(-32602);
  });
});
