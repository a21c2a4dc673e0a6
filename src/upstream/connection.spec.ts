import { Logger } from '@nestjs/common';

import { ManualClock } from '../../test/support/manual-clock.js';
import { settled } from '../../test/support/own-sessions-bench.js';
import { settingsWith } from '../../test/support/server-settings.js';
import { TestCall } from '../../test/support/test-call.js';
import { DESCRIPTION, TestWire, transportOver } from '../../test/support/test-wire.js';
import { Events } from '../core/events.js';
import { Connection } from './connection.js';
import { EraFinder } from './server/era-finder.js';
import { EraWatch } from './server/era-watch.js';

const DAY_MS = 24 * 60 * 60 * 1_000;

let clock: ManualClock;
let wires: TestWire[];
let lost: number;
let connection: Connection;

/** A connection to an HTTP server: each wire is asked in its turn. */
async function connect(...described: boolean[]): Promise<void> {
  Logger.overrideLogger(false);
  clock = new ManualClock();
  lost = 0;
  wires = described.map((isModern) => {
    const wire = new TestWire();
    if (isModern) wire.description = { result: DESCRIPTION };
    return wire;
  });
  const settings = settingsWith({ url: 'http://127.0.0.1:1/mcp', era: 'auto' });
  const context = { settings, clock, events: new Events() };
  const finder = new EraFinder(transportOver(...wires), context);
  const nothing = (): void => undefined;
  connection = new Connection(finder, context, {
    connected: () => watch.connected(),
    failed: nothing,
    lost: () => void lost++,
    listChanged: nothing,
    resourceUpdated: nothing,
  });
  const watch = new EraWatch(clock, finder, connection);
  connection.start();
  await settled();
}

it('looks once a day whether a legacy server has become a modern one, and lets finish what is in flight', async () => {
  await connect(false, false, true);
  const [, legacy] = wires;
  expect(connection.channel?.peer.era).toBe('legacy');
  const call = new TestCall();
  call.deadline = Number.POSITIVE_INFINITY;
  connection.channel?.send(call);
  clock.advance(DAY_MS);
  await settled();

  expect(connection.channel?.peer.era).toBe('modern');
  expect([legacy?.closed, lost, call.ends]).toEqual([false, 0, 0]);
  legacy?.say({ id: legacy.find('tools/call')?.['id'], result: { content: [] } });
  expect(call.outcome).toMatchObject({ kind: 'result' });
  expect(legacy?.closed).toBe(true);
});

it('goes on as before with a server that has not', async () => {
  await connect(false, false, false);
  const before = connection.channel;
  clock.advance(DAY_MS);
  await settled();

  expect(connection.channel).toBe(before);
  expect([wires[2]?.closed, wires[1]?.closed, lost]).toEqual([true, false, 0]);
});
