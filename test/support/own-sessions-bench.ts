import type { GatewayError } from '../../src/core/errors.js';
import { Events } from '../../src/core/events.js';
import type { Holder, WireListener } from '../../src/upstream/index.js';
import type { Children } from '../../src/upstream/own/children.js';
import { OwnSessions } from '../../src/upstream/own/own-sessions.js';
import type { ServerSettings } from '../../src/upstream/server-settings.js';
import type { ManualClock } from './manual-clock.ts';
import { settingsWith } from './server-settings.ts';
import { TestCall } from './test-call.ts';
import { TestWire } from './test-wire.ts';

/** Own sessions of one server over wires of the test, and what is announced of them. */
export class OwnSessionsBench {
  readonly wires: TestWire[] = [];
  readonly announced: string[] = [];
  readonly sessions: OwnSessions;
  /** Whether servers introduce themselves by themselves. */
  polite = true;
  refuse: GatewayError | undefined;
  knowsOrigin = false;

  constructor(clock: ManualClock, changed: Partial<ServerSettings> = {}, children?: Children) {
    const events = new Events();
    events.on('upstream_session.opened', () => this.announced.push('opened'));
    events.on('upstream_session.closed', ({ why }) => this.announced.push(why));
    const context = { settings: settingsWith(changed), clock, events };
    const transport = { open: (_: unknown, listener: WireListener) => this.open(listener) };
    this.sessions = new OwnSessions({ group: 'crm', server: 'crm-1' }, { transport, context, children });
  }

  /** Sends a call and lets everything happen that happens by itself. */
  async send(holder: Holder, call = new TestCall()): Promise<TestCall> {
    this.sessions.send(call, holder);
    await settled();
    return call;
  }

  /** Answers the request that was sent last on a wire. */
  answer(wire = this.wires.at(-1)!): void {
    const { id } = wire.sent.findLast((message) => 'id' in message && 'method' in message)!;
    wire.say({ id, result: {} });
  }

  /** Sends and answers: leaves an idle session. */
  async use(holder: Holder): Promise<void> {
    await this.send(holder);
    this.answer();
  }

  private async open(listener: WireListener): Promise<TestWire> {
    if (this.refuse) throw this.refuse;
    const wire = new TestWire();
    wire.knowsOrigin = this.knowsOrigin;
    if (!this.polite) wire.introduction = undefined;
    wire.listener = listener;
    this.wires.push(wire);
    return wire;
  }
}

/** Lets everything happen that happens by itself. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
