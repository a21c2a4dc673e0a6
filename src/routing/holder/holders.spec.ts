import { FakeGroup } from '../../../test/support/fake-group.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { OwnSessionsBench } from '../../../test/support/own-sessions-bench.js';
import { TestStay } from '../../../test/support/routing.js';
import { InputRequest, type Asker, type Params } from '../../core/message.js';
import { ANONYMOUS } from '../../core/principal.js';
import { readParams } from '../../protocol/index.js';
import type { Isolation } from '../../upstream/index.js';
import { Sealer } from '../../core/sealed.js';
import { TaskRelay } from '../tasks/task-relay.js';
import { Holders } from './holders.js';

const CAPABLE = { capabilities: { sampling: {} } };
const NOBODY: Asker = {
  answered: () => undefined,
  refused: () => undefined,
  progressed: () => undefined,
  onWithdrawn: () => undefined,
};

let holders: Holders;

beforeEach(() => {
  holders = new Holders(new TaskRelay(new Sealer(Buffer.alloc(32))), new ManualClock());
});

function crm(isolation: Isolation, keepsSessions = false): FakeGroup {
  const group = new FakeGroup('crm', { isolation });
  group.keepsSessions = keepsSessions;
  return group;
}

const holderOf = (stay: TestStay, group: FakeGroup, route = 'mcp') => holders.of(holders.guest(stay, route), group);

const paramsOf = (value: object): Params => readParams(Buffer.from(JSON.stringify(value)));

describe('a downstream', () => {
  it('shares the sessions of a group that is shared, whatever it can do', () => {
    expect(holderOf(new TestStay('a', CAPABLE), crm('shared', true))).toBeUndefined();
  });

  it('has sessions of its own where every session has, as long as it stays, in every generation', () => {
    const stay = new TestStay('a');
    const holder = holderOf(stay, crm('session'));
    expect(holder).toMatchObject({ key: 'a', plural: false, capabilities: {}, ended: false });
    expect(holderOf(stay, crm('session'))).toBe(holder);
    expect(holderOf(new TestStay('b'), crm('session'))).not.toBe(holder);

    const ended = vi.fn();
    holder!.onEnd(ended);
    stay.end();
    expect([holder!.ended, ended.mock.calls.length]).toEqual([true, 1]);
  });

  it('has them, where the gateway decides, when it can be asked something or the servers remember', () => {
    expect(holderOf(new TestStay('a'), crm('auto'))).toBeUndefined();
    expect(holderOf(new TestStay('b', CAPABLE), crm('auto'))).toMatchObject({
      key: 'b',
      capabilities: { sampling: {} },
    });
    expect(holderOf(new TestStay('c'), crm('auto', true))).toMatchObject({ key: 'c' });
  });

  it('keeps them when the servers are away that remember', () => {
    const stay = new TestStay('a');
    const holder = holderOf(stay, crm('auto', true));
    expect(holderOf(stay, crm('auto', false))).toBe(holder);
  });

  it('shares those of its principal with whoever can do the same, until the last of them has left', () => {
    const [one, two] = [new TestStay('1', CAPABLE), new TestStay('2', CAPABLE)];
    const group = crm('principal');
    const holder = holderOf(one, group)!;
    expect(holder.plural).toBe(true);
    expect(holderOf(two, group)).toBe(holder);
    expect(holderOf(new TestStay('3'), group)).not.toBe(holder);
    const principal = { ...ANONYMOUS, subject: 'somebody else' };
    expect(holderOf(new TestStay('4', { ...CAPABLE, principal }), group)).not.toBe(holder);

    one.end();
    expect(holder.ended).toBe(false);
    two.end();
    expect(holder.ended).toBe(true);
    expect(holderOf(new TestStay('5', CAPABLE), group)).not.toBe(holder);
  });

  it('holds nothing once it has ended', () => {
    const stay = new TestStay('a');
    stay.end();
    expect(holderOf(stay, crm('session'))?.ended).toBe(true);
    expect(holderOf(stay, crm('principal'))?.ended).toBe(true);
  });
});

describe('a downstream that does not keep up', () => {
  it('holds up the sessions that are its own, and none that it shares with others', async () => {
    const stay = new TestStay('a', CAPABLE);
    const [own, shared] = [holderOf(stay, crm('session'))!, holderOf(stay, crm('principal'))!];
    const clock = new ManualClock();
    const bench = new OwnSessionsBench(clock);
    stay.flow.congest();
    const news = { method: 'notifications/elicitation/complete', params: { elicitationId: '1' } };
    for (const holder of [own, shared]) {
      await bench.use(holder);
      bench.wires.at(-1)!.say(news);
    }
    expect(stay.heard()).toEqual([news.method, news.method]);
    expect(bench.wires.map(({ reading }) => reading)).toEqual([['pause'], []]);

    stay.flow.clear();
    expect(bench.wires.map(({ reading }) => reading)).toEqual([['pause', 'resume'], []]);
    await bench.sessions.close();
  });
});

describe('what a server says on its own', () => {
  const ask = (params: object) => new InputRequest('sampling/createMessage', paramsOf(params), NOBODY);
  const link = { type: 'resource_link', uri: 'db://a', name: 'a' };

  it('reaches the holder in the words of the route that it came by', () => {
    holders.adopt([new FakeGroup('crm', { prefix: 'sales' })]);
    const embedded = { type: 'resource', resource: { uri: 'db://b', text: 'db://b' } };
    const nested = { type: 'tool_result', toolUseId: '1', content: [link] };
    const messages = [
      { role: 'user', content: link },
      { role: 'user', content: [embedded, nested, { type: 'text', text: 'db://a' }] },
    ];
    const stay = new TestStay('a', CAPABLE);
    holderOf(stay, crm('session'))!.take(ask({ messages, maxTokens: 1 }), 'crm-1');
    const exposed = { ...link, uri: 'sales+db://a' };
    expect(stay.delivered[0]?.params?.object()).toEqual({
      messages: [
        { role: 'user', content: exposed },
        {
          role: 'user',
          content: [
            { type: 'resource', resource: { uri: 'sales+db://b', text: 'db://b' } },
            { ...nested, content: [exposed] },
            { type: 'text', text: 'db://a' },
          ],
        },
      ],
      maxTokens: 1,
    });

    const alone = new TestStay('b', CAPABLE);
    const asked = ask({ messages });
    holderOf(alone, crm('session'), 'crm')!.take(asked, 'crm-1');
    expect(alone.delivered).toEqual([asked]);
  });

  it('reaches everybody behind a principal', () => {
    const stays = [new TestStay('1'), new TestStay('2')];
    const [holder] = stays.map((stay) => holderOf(stay, crm('principal')));
    const method = 'notifications/elicitation/complete';
    holder!.take({ kind: 'notification', method, params: paramsOf({ elicitationId: '1' }) }, 'crm-1');
    expect(stays.map((stay) => stay.heard())).toEqual([[method], [method]]);
    expect(holder!.flow).toBeUndefined();
  });

  it('is for those who listen when it is an update of a resource, or of the session itself', () => {
    const heard: unknown[] = [];
    holders.listen({
      resourceUpdated: (params, { key }, server) => heard.push([params.object()['uri'], key, server]),
      listChanged: (kind, { key }) => heard.push([kind, key]),
      renewed: (server, { key }) => heard.push([server, key]),
    });
    const stay = new TestStay('a');
    const holder = holderOf(stay, crm('session'))!;
    holder.listen({ lost: (server) => heard.push([server, 'own']) });
    const params = paramsOf({ uri: 'db://a' });
    holder.take({ kind: 'notification', method: 'notifications/resources/updated', params }, 'crm-1');
    holder.listChanged('tools');
    holder.renewed('crm-1');
    holder.lost('crm-2');
    expect(heard).toEqual([
      ['db://a', 'a', 'crm-1'],
      ['tools', 'a'],
      ['crm-1', 'a'],
      ['crm-2', 'own'],
    ]);
    expect(stay.delivered).toEqual([]);
  });
});

describe('the log level of a holder', () => {
  it('is the least severe that anybody behind it wants', () => {
    const [one, two] = [new TestStay('1'), new TestStay('2')];
    const holder = holderOf(one, crm('principal'))!;
    holderOf(two, crm('principal'));
    expect(holder.logLevel).toBeUndefined();
    one.logLevel = 'error';
    expect(holder.logLevel).toBe('error');
    two.logLevel = 'debug';
    expect(holder.logLevel).toBe('debug');
    two.end();
    expect(holder.logLevel).toBe('error');
  });
});
