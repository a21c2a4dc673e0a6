import { brisk } from '../support/brisk.ts';
import type { Json } from '../support/raw-clients.ts';
import { until } from '../support/until.ts';
import type { Hit, Misdeed } from './support/hostile-modern.ts';
import { ModernSiege } from './support/modern-siege.ts';

const URI = 'test://a';
const CHANGED = 'notifications/tools/list_changed';
const UPDATED = 'notifications/resources/updated';
const STORM = 100_000;

/** Everything at once, as fast as it is taken. */
function storm(hit: Hit, event: (nth: number) => [method: string, params: Json]): void {
  let said = 0;
  const go = (): void => {
    const end = Math.min(said + 1_000, STORM);
    let isFull = false;
    hit.response.cork();
    for (; said < end; said++) isFull = hit.tell(...event(said)).response.writableNeedDrain;
    hit.response.uncork();
    if (said === STORM || hit.response.destroyed) return;
    if (isFull) hit.response.once('drain', go);
    else setImmediate(go);
  };
  go();
}

/** What a server does when it is listened to. */
const DEEDS: Record<string, Misdeed> = {
  'never answers': () => undefined,
  'says something else for ever': (hit) => hit.event('{}'),
  'honours what nobody asked for': (hit) =>
    hit.acknowledge({ promptsListChanged: 7, resourceSubscriptions: ['test://canary'], canary: true }),
  'honours nothing': (hit) => hit.acknowledge({}),
  'honours rubbish': (hit) => hit.tell('notifications/subscriptions/acknowledged', { notifications: 'canary' }),
  'honours twice': (hit) => hit.acknowledge({ toolsListChanged: true }).acknowledge(),
  'forgets whom it tells': (hit) => hit.acknowledge().notify(CHANGED).notify(UPDATED, { uri: URI }),
  'tells others': (hit) => {
    hit.acknowledge();
    for (const id of ['canary', hit.id + 1_000, null, -1, '__proto__']) {
      hit.tell(CHANGED, {}, id).tell(UPDATED, { uri: 'test://canary' }, id);
    }
  },
  'ends at once': (hit) => hit.acknowledge().result({}),
  'ends and honours nothing': (hit) => hit.result({}),
  'breaks at once': (hit) => void hit.acknowledge().response.end(),
  'breaks and honours nothing': (hit) => hit.response.destroy(),
  'cancels at once': (hit) => hit.acknowledge().notify('notifications/cancelled', { requestId: hit.id }),
  'says 401': (hit) => hit.body('canary', 401, 'text/plain'),
  'says 404': (hit) => hit.body('canary', 404, 'text/plain'),
  'says 405': (hit) => hit.body('canary', 405, 'text/plain'),
  'says 500': (hit) => hit.body('canary', 500, 'text/plain'),
  'says 503': (hit) => hit.body('canary', 503, 'text/plain'),
  'says -32601': (hit) => hit.error(-32601, undefined, 404),
  'says -32022': (hit) => hit.error(-32022, { supported: ['2026-07-28'] }, 400),
  'says that its tools have changed, 100,000 times': (hit) => storm(hit.acknowledge(), () => [CHANGED, {}]),
  'says that resources were updated that nobody wants, 100,000 times': (hit) =>
    storm(hit.acknowledge(), (nth) => [UPDATED, { uri: `test://${nth}` }]),
};

const names = Object.keys(DEEDS);
const groupOf = (name: string): string => `g${names.indexOf(name)}`;
const BUSY = 'busy';

let siege: ModernSiege;

beforeAll(async () => {
  siege = await ModernSiege.begin(
    [...names.map(groupOf), BUSY],
    'health_check = { enabled = false }\nconnection_pool = { max_connections_per_host = 1 }',
  );
});
afterAll(() => siege.end(150));

describe.concurrent('a server that is listened to', () => {
  it.each(Object.entries(DEEDS))('and %s is asked again, and not often', async (name, deed) => {
    const front = siege.front(groupOf(name));
    const { server } = front;
    server.restart({ 'subscriptions/listen': deed });
    const subscribed = front.legacy('resources/subscribe', { uri: URI });
    const listened = await front.listens({ toolsListChanged: true, resourceSubscriptions: [URI] });
    const answer = (await subscribed) as { result?: Json; error?: { code: number } };
    expect([undefined, -32602, -32603]).toContain(answer.error?.code);
    await until(() => listened.heard.length > 0, 'the acknowledgement', 4_000);
    expect(listened.heard[0]?.['method']).toBe('notifications/subscriptions/acknowledged');
    expect(await front.outcomes()).toEqual(['ok', 'ok']);

    // A second, or less, has passed since; and it was not taken for another server.
    expect(server.count('server/discover')).toBeLessThan(4);
    expect(server.count('subscriptions/listen')).toBeLessThan(15);
    expect(server.count('tools/list')).toBeLessThan(15);
    listened.close();
    server.misdeeds = {};
    await front.recovered();
  });
});

it('says 100,000 times that a resource was updated, and everybody hears that it was', async () => {
  const front = siege.front(BUSY);
  front.server.restart({ 'subscriptions/listen': (hit) => storm(hit.acknowledge(), () => [UPDATED, { uri: URI }]) });
  const subscribed = front.legacy('resources/subscribe', { uri: URI });
  const listened = await front.listens({ resourceSubscriptions: [URI] });
  expect(await subscribed).toMatchObject({ result: {} });
  await until(() => listened.heard.length > 1, 'an update');
  expect(listened.heard.slice(0, 2).map(({ method }) => method)).toEqual([
    'notifications/subscriptions/acknowledged',
    UPDATED,
  ]);
  listened.close();
  expect(await siege.target.pinged()).toBeLessThan(brisk(1_000));
  front.server.restart();
  await front.recovered();
  expect(front.told.every(({ method }) => method === UPDATED)).toBe(true);
});
