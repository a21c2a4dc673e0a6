import { GatewayError, UnsentError } from '../../src/core/errors.js';
import { Events } from '../../src/core/events.js';
import { requestFrame, notificationFrame } from '../../src/protocol/index.js';
import { systemClock } from '../../src/system-clock.js';
import { TRANSPORTS } from '../../src/upstream/index.js';
import type { ServerSettings } from '../../src/upstream/server-settings.js';
import type { Wire } from '../../src/upstream/wire.js';
import { settingsWith } from '../support/server-settings.ts';
import { until } from '../support/until.ts';
import { Recorder } from './upstream/recorder.ts';
import { TEST_BEDS, type ScriptedServer } from './upstream/scripted-servers.ts';

describe.each(TRANSPORTS)('the upstream transport %o', (Transport) => {
  const bed = TEST_BEDS.get(Transport);
  let server: ScriptedServer;
  let listener: Recorder;
  let wire: Wire;

  beforeEach(async () => {
    if (!bed) throw new Error('there is no test bed for this transport');
    server = await bed.start();
    listener = new Recorder();
  });

  afterEach(async () => {
    await wire?.close();
    await server.stop();
  });

  async function open(changed: Partial<ServerSettings> = {}): Promise<void> {
    const settings = settingsWith({ ...server.settings, ...changed });
    wire = await new Transport().open({ settings, clock: systemClock, events: new Events() }, listener);
  }

  function ask(id: number, method: string, params: object = {}): void {
    wire.send(requestFrame(id, method, Buffer.from(JSON.stringify(params))), id);
  }

  it('carries a request and its reply', async () => {
    await open();
    ask(1, 'test/echo', { value: 'ü\u2028 "quoted"' });

    expect(await listener.reply(1)).toBe('ü\u2028 "quoted"');
  });

  it('carries a message whose JSON is written on several lines', async () => {
    await open();
    wire.send(Buffer.from('{"jsonrpc":"2.0",\n"id":1,\r\n"method":"test/echo","params":{"value":\n"a\\nb"}}'), 1);

    expect(await listener.reply(1)).toBe('a\nb');
  });

  it('carries replies in whatever order the server gives them', async () => {
    await open();
    for (const id of [1, 2, 3]) ask(id, 'test/hold', { value: id * 10 });
    ask(4, 'test/echo', { value: 'first' });
    await listener.reply(4);
    ask(5, 'test/release');

    expect(await Promise.all([1, 2, 3].map((id) => listener.reply(id)))).toEqual([10, 20, 30]);
  });

  it('carries many requests at once', async () => {
    await open();
    const ids = Array.from({ length: 200 }, (_, n) => n + 1);
    for (const id of ids) ask(id, 'test/echo', { value: id });

    expect(await Promise.all(ids.map((id) => listener.reply(id)))).toEqual(ids);
  });

  it('keeps notifications before the reply they came before, and in order', async () => {
    await open();
    ask(1, 'test/notify', { count: 50 });
    await listener.reply(1);

    const kinds = listener.messages.map(({ incoming }) =>
      incoming.kind === 'notification' ? incoming.params?.object()['n'] : incoming.kind,
    );
    expect(kinds).toEqual([...Array.from({ length: 50 }, (_, n) => n + 1), 'reply']);
  });

  it('delivers what nobody waits for an answer to', async () => {
    await open();
    wire.send(notificationFrame('test/hello'));
    await until(async () => {
      const id = listener.messages.length + 100;
      ask(id, 'test/heard');
      return String(await listener.reply(id)).includes('test/hello');
    }, 'the notification to arrive');
  });

  it('carries large messages both ways', async () => {
    await open();
    ask(1, 'test/echo', { value: 'y'.repeat(2_000_000) });
    ask(2, 'test/large', { bytes: 3_000_000 });

    expect(await listener.reply(1)).toHaveLength(2_000_000);
    expect(await listener.reply(2)).toHaveLength(3_000_000);
  });

  it('says at once when the server breaks off in the middle of a request', async () => {
    await open();
    ask(1, 'test/break');

    const error = await listener.failure(1);
    expect(error.code).toBe('upstream_unavailable');
    expect(error).not.toBeInstanceOf(UnsentError);
  });

  it('does not take a message that is longer than allowed, and says so', async () => {
    await open({ maxMessageBytes: 10_000 });
    ask(1, 'test/large', { bytes: 200_000 });

    expect(['upstream_unavailable', 'upstream_protocol_error']).toContain((await listener.failure(1)).code);
    expect(listener.messages.filter(({ incoming }) => incoming.kind === 'reply')).toEqual([]);
  });

  it('gets over what is no message', async () => {
    await open();
    ask(1, 'test/garbage');

    expect(await listener.reply(1)).toBe('after all');
  });

  it('goes on after a request that was given up', async () => {
    await open();
    ask(1, 'test/silent');
    ask(2, 'test/echo', { value: 'sent' });
    await listener.reply(2);
    wire.abandon(1);
    ask(3, 'test/echo', { value: 'on' });

    expect(await listener.reply(3)).toBe('on');
    expect(listener.failures.has(1)).toBe(false);
    expect(listener.over).toBeUndefined();
  });

  it('sends nothing once it is closed, and says so', async () => {
    await open();
    await wire.close();
    await wire.close();

    expect(() => ask(1, 'test/echo')).toThrow(UnsentError);
    expect(listener.over).toBeUndefined();
  });

  it('says that nothing was sent when nobody is there', async () => {
    const opened = open(bed?.nobody).then(
      () => {
        ask(1, 'test/echo');
        return listener.failure(1);
      },
      (thrown: unknown) => thrown as GatewayError,
    );

    expect(await opened).toBeInstanceOf(UnsentError);
    expect(await opened).toMatchObject({ code: 'upstream_unavailable' });
  });
});
