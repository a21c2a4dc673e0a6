import { setImmediate } from 'node:timers/promises';

import { Logger } from '@nestjs/common';

import { GatewayError, UnsentError } from '../../src/core/errors.js';
import { Events } from '../../src/core/events.js';
import { result } from '../../src/core/message.js';
import { notificationFrame, replyFrame, requestFrame } from '../../src/protocol/index.js';
import { systemClock } from '../../src/system-clock.js';
import { TRANSPORTS } from '../../src/upstream/index.js';
import type { ServerSettings } from '../../src/upstream/server-settings.js';
import type { Wire } from '../../src/upstream/wire.js';
import { settingsWith } from '../support/server-settings.ts';
import { until } from '../support/until.ts';
import { Recorder } from './upstream/recorder.ts';
import type { ScriptedServer } from './upstream/scripted-servers.ts';
import { TEST_BEDS } from './upstream/test-beds.ts';

it.each(TRANSPORTS)('the upstream transport %o has a test bed', (Transport) => {
  expect(TEST_BEDS.filter((bed) => bed.Transport === Transport)).not.toEqual([]);
});

const INTRODUCTION = 1_000_000;

describe.each(TEST_BEDS)('the upstream transport $name', ({ Transport, start, nobody, separate }) => {
  let server: ScriptedServer;
  let listener: Recorder;
  let wire: Wire;
  let events: Events;

  beforeEach(async () => {
    Logger.overrideLogger(false);
    server = await start();
    listener = new Recorder();
    events = new Events();
  });

  afterEach(async () => {
    await wire?.close();
    await server.stop();
  });

  /** Opens a wire and introduces us, which is when the way to speak is found out. */
  async function open(changed: Partial<ServerSettings> = {}): Promise<void> {
    const settings = settingsWith({ ...server.settings, ...changed });
    wire = await new Transport().open({ settings, clock: systemClock, events, era: 'legacy' }, listener);
    ask(INTRODUCTION, 'initialize');
    await until(() => listener.find(INTRODUCTION) ?? listener.failures.get(INTRODUCTION), 'the introduction');
    listener.messages.length = 0;
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
    expect(listener.over === undefined).toBe(separate);
  });

  it('reads no more while it is paused, and everything afterwards', async () => {
    await open();
    wire.pause();
    ask(1, 'test/notify', { count: 50 });
    await until(() => server.peer === undefined || server.peer.executed.includes('test/notify'), 'the request');
    await setImmediate();
    expect(listener.messages.length).toBeLessThan(2);
    wire.resume();
    await listener.reply(1);

    expect(listener.messages).toHaveLength(51);
  });

  it('is paused on the way in alone: what we have to say is said meanwhile', async () => {
    await open();
    wire.pause();
    const said = [
      replyFrame(Buffer.from('"q"'), result({ action: 'accept' })),
      notificationFrame('notifications/cancelled'),
    ];
    for (const frame of said) wire.send(frame);
    // A child is heard of only by what it says.
    if (server.peer) await until(() => server.peer?.heard.length === 2, 'the server to hear of it');
    wire.resume();
    ask(1, 'test/heard');

    expect(await listener.reply(1)).toHaveLength(2);
  });

  it('can be closed while it is paused', async () => {
    await open();
    wire.pause();
    ask(1, 'test/large', { bytes: 3_000_000 });
    await until(() => server.peer === undefined || server.peer.executed.includes('test/large'), 'the request');
    await wire.close();

    expect(listener.find(1)).toBeUndefined();
    expect(listener.over).toBeUndefined();
  });

  it('takes an id that comes back as a string for the number it was, once', async () => {
    const tolerated: string[] = [];
    events.on('message.tolerated', ({ why }) => tolerated.push(why));
    await open();
    ask(1, 'test/string-id', { value: 'mine' });

    expect(await listener.reply(1)).toBe('mine');
    expect(tolerated).toEqual(['string_id']);
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
    const opened = open(nobody).then(
      () => listener.failure(INTRODUCTION),
      (thrown: unknown) => thrown as GatewayError,
    );

    expect(await opened).toBeInstanceOf(UnsentError);
    expect(await opened).toMatchObject({ code: 'upstream_unavailable' });
  });
});
