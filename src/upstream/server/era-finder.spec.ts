import { Logger } from '@nestjs/common';

import { channelOwner } from '../../../test/support/channel-owner.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { settled } from '../../../test/support/own-sessions-bench.js';
import { settingsWith } from '../../../test/support/server-settings.js';
import { DESCRIPTION, TestWire, transportOver } from '../../../test/support/test-wire.js';
import { GatewayError, UnsentError } from '../../core/errors.js';
import { Events } from '../../core/events.js';
import type { JsonObject } from '../../core/json.js';
import type { Channel } from '../channel/channel.js';
import type { ServerSettings } from '../server-settings.js';
import { StatusError, statusFailure } from '../transports/http/status-error.js';
import { EraFinder } from './era-finder.js';

const DAY_MS = 24 * 60 * 60 * 1_000;
const HTTP = { url: 'http://127.0.0.1:1/mcp', era: 'auto' } as const;
const MODERN = { result: DESCRIPTION };
const refusing = (code: number, data?: JsonObject) => ({ error: { code, message: 'no', ...(data && { data }) } });

/** A wire on which one method breaks the connection, or the request. */
class FailingWire extends TestWire {
  constructor(
    private readonly method: string,
    private readonly failure: GatewayError,
    private readonly how: 'closed' | 'failed' = 'closed',
  ) {
    super();
    this.description = undefined;
  }

  override send(frame: Buffer, id?: number, headers?: Readonly<Record<string, string>>): void {
    super.send(frame, id, headers);
    if (this.sent.at(-1)?.['method'] !== this.method) return;
    if (this.how === 'closed') this.listener.closed(this.failure);
    else this.listener.failed(id ?? 0, this.failure);
  }
}

const gone = new GatewayError('upstream_unavailable', 'the server process ended');

let clock: ManualClock;
let logged: ReturnType<typeof vi.spyOn>;

beforeEach(() => {
  clock = new ManualClock();
  logged = vi.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
});

afterEach(() => {
  logged.mockRestore();
});

function finderOver(changed: Partial<ServerSettings>, ...wires: TestWire[]): EraFinder {
  const settings = settingsWith({ command: 'x', era: 'auto', ...changed });
  return new EraFinder(transportOver(...wires), { settings, clock, events: new Events() });
}

function open(finder: EraFinder, giveUp = new AbortController().signal): Promise<Channel> {
  return finder.open(channelOwner(), { capabilities: {}, giveUp });
}

function answering(description: JsonObject | undefined): TestWire {
  const wire = new TestWire();
  wire.description = description;
  return wire;
}

function methods(wire: TestWire): string[] {
  return wire.sent.map(({ id, method }) =>
    [id, method].flatMap((part) => (part === undefined ? [] : [part as string])).join(' '),
  );
}

describe('a server whose wire is good for both eras', () => {
  it('is modern when it describes itself', async () => {
    const wire = answering(MODERN);

    expect((await open(finderOver({}, wire))).peer.era).toBe('modern');
    expect(methods(wire)).toEqual(['1 server/discover']);
  });

  it.each<[string, JsonObject]>([
    ['does not know the method', refusing(-32601)],
    ['takes it for wrong', refusing(-32602)],
    ['says something of its own', refusing(-32000)],
    ['speaks legacy revisions only', refusing(-32022, { supported: ['2025-11-25'], requested: '2026-07-28' })],
    ['describes itself without a modern revision', { result: { ...DESCRIPTION, supportedVersions: ['2025-11-25'] } }],
    ['answers something else', { result: {} }],
    ['breaks the rules', { result: [] as never }],
  ])('is legacy, on the same wire, when it %s', async (_, description) => {
    const wire = answering(description);

    expect((await open(finderOver({}, wire))).peer.era).toBe('legacy');
    expect(methods(wire)).toEqual(['1 server/discover', '2 initialize', 'notifications/initialized']);
    expect(wire.find('initialize')?.['params']).not.toHaveProperty('_meta');
  });

  it('is asked again where only the question was wrong', async () => {
    const wire = answering(refusing(-32020));
    await open(finderOver({}, wire));

    expect(methods(wire).slice(0, 3)).toEqual(['1 server/discover', '2 server/discover', '3 initialize']);
  });

  it('is legacy, on another wire, when it goes away because of the question', async () => {
    const [first, second] = [new FailingWire('server/discover', gone), answering(MODERN)];
    const finder = finderOver({}, first, second);

    expect((await open(finder)).peer.era).toBe('legacy');
    expect(first.closed).toBe(true);
    expect(methods(second)).toEqual(['1 initialize', 'notifications/initialized']);
  });

  it('is legacy, on another wire, when it says nothing for five seconds', async () => {
    const [first, second] = [answering(undefined), answering(MODERN)];
    const opened = open(finderOver({}, first, second));
    await settled();
    clock.advance(4_999);
    await settled();
    expect(first.closed).toBe(false);
    clock.advance(1);

    expect((await opened).peer.era).toBe('legacy');
    expect([first.closed, methods(second)[0]]).toEqual([true, '1 initialize']);
  });

  it('has more time to answer the next time, when it is not legacy either', async () => {
    const broken = new FailingWire('initialize', gone);
    const [silent, slow] = [answering(undefined), answering(undefined)];
    const finder = finderOver({}, silent, broken, slow);
    const failed = open(finder).catch((thrown: unknown) => thrown);
    await settled();
    clock.advance(5_000);
    expect(await failed).toMatchObject({ code: 'upstream_unavailable' });

    const opened = open(finder);
    await settled();
    clock.advance(9_000);
    await settled();
    slow.say({ id: 1, ...MODERN });
    expect((await opened).peer.era).toBe('modern');
  });

  it('is not asked again for a day when that would cost it its life', async () => {
    const last = answering(refusing(-32601));
    const finder = finderOver({}, new FailingWire('server/discover', gone), last);
    await open(finder);
    finder.memory.lost();
    await open(finder);
    expect(last.find('server/discover')).toBeUndefined();
    clock.advance(DAY_MS);
    await open(finder);

    expect(last.find('server/discover')).toBeDefined();
  });

  it('is asked whenever it is connected to again, when it can answer', async () => {
    const wire = answering(refusing(-32601));
    const finder = finderOver({}, wire);
    await open(finder);
    finder.memory.lost();
    wire.description = MODERN;

    expect((await open(finder)).peer.era).toBe('modern');
  });

  it('fails when it goes away though it was modern, and is taken for anything the next time', async () => {
    const [first, second, third] = [answering(MODERN), new FailingWire('server/discover', gone), answering(MODERN)];
    const finder = finderOver({}, first, second, third);
    await open(finder);
    await expect(open(finder)).rejects.toMatchObject({ code: 'upstream_unavailable' });

    expect(finder.memory.certain).toBeUndefined();
    expect((await open(finder)).peer.era).toBe('modern');
  });

  it('has said nothing of its era when it cannot be reached', async () => {
    const refused = new UnsentError('upstream_unavailable', 'the server could not be connected to');
    const transport = { open: () => Promise.reject(refused) };
    const context = { settings: settingsWith({ command: 'x', era: 'auto' }), clock, events: new Events() };
    const finder = new EraFinder(transport, context);

    await expect(open(finder)).rejects.toBe(refused);
  });

  it('is not tried in another way when nobody wants it any more', async () => {
    const wire = answering(undefined);
    const giveUp = new AbortController();
    const opened = open(finderOver({}, wire), giveUp.signal).catch((thrown: unknown) => thrown);
    await settled();
    giveUp.abort();

    expect(await opened).toMatchObject({ code: 'upstream_unavailable' });
    expect([wire.closed, wire.find('initialize')]).toEqual([true, undefined]);
  });
});

describe('a server over HTTP', () => {
  const status = (code: number) => new FailingWire('server/discover', statusFailure(code), 'failed');

  it.each([400, 404, 405, 406])('is legacy when it answers %s, on a wire of that era', async (code) => {
    const [first, second] = [status(code), answering(MODERN)];
    const finder = finderOver(HTTP, first, second);

    expect((await open(finder)).peer.era).toBe('legacy');
    expect([first.closed, methods(second)[0]]).toEqual([true, '1 initialize']);
    await open(finder);
    expect(methods(second)).not.toContain('1 server/discover');
  });

  it.each([401, 403, 429, 500, 503])('has said nothing of its era when it answers %s', async (code) => {
    const finder = finderOver(HTTP, status(code));

    await expect(open(finder)).rejects.toMatchObject({ cause: expect.any(StatusError) });
    expect(finder.memory.certain).toBeUndefined();
  });

  it('has said nothing of its era when it does not answer in time', async () => {
    const opened = open(finderOver(HTTP, answering(undefined))).catch((thrown: unknown) => thrown);
    await settled();
    clock.advance(10_000);

    expect(await opened).toMatchObject({ code: 'upstream_timeout' });
  });

  it('is legacy when it answers with an error', async () => {
    const second = new TestWire();

    expect((await open(finderOver(HTTP, answering(refusing(-32601)), second))).peer.era).toBe('legacy');
    expect(methods(second)[0]).toBe('1 initialize');
  });

  it('is asked anew when it does not take what it took before', async () => {
    const [probe, legacy, refused, modern] = [status(404), new TestWire(), new TestWire(), answering(MODERN)];
    refused.introduction = refusing(-32022);
    const finder = finderOver(HTTP, probe, legacy, refused, modern);
    await open(finder);
    await expect(open(finder)).rejects.toMatchObject({ code: 'upstream_protocol_error' });

    expect((await open(finder)).peer.era).toBe('modern');
    expect(logged.mock.calls.map((line: unknown[]) => (line[0] as JsonObject)['msg'])).toEqual([
      'server speaks the legacy era',
      'server speaks the modern era',
    ]);
  });
});

describe('a server whose era is configured', () => {
  it.each<[Partial<ServerSettings>]>([[{ era: 'legacy' }], [{ ...HTTP, transport: 'sse' }]])(
    'is introduced as legacy at once: %j',
    async (settings) => {
      const wire = answering(MODERN);
      await open(finderOver(settings, wire));

      expect(methods(wire)[0]).toBe('1 initialize');
    },
  );

  it('is not spoken to in the legacy way when it is to be modern', async () => {
    const wire = answering(refusing(-32601));

    await expect(open(finderOver({ era: 'modern' }, wire))).rejects.toMatchObject({ code: 'upstream_protocol_error' });
    expect(wire.find('initialize')).toBeUndefined();
  });
});
