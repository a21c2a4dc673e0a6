import { ManualClock } from '../../test/support/manual-clock.js';
import { exchangeWith } from '../../test/support/exchanges.js';
import { GatewayError, UnsentError } from '../core/errors.js';
import { McpRequest, type McpReply } from '../core/message.js';
import type { Call } from './channel/call.js';
import type { CallHost } from './call-host.js';
import { GroupCall } from './group-call.js';
import type { GroupMember } from './group-member.js';
import { WaitingRoom } from './waiting-room.js';

const ATTEMPT_MS = 1_000;

describe('a call that waits and is sent again', () => {
  let clock: ManualClock;
  let room: WaitingRoom;
  let sent: Call[];
  let isUp: boolean;
  let host: CallHost;

  beforeEach(() => {
    clock = new ManualClock();
    room = new WaitingRoom(clock);
    sent = [];
    isUp = false;
    const ref = { group: 'crm', server: 'a' };
    const server = { ref, began: () => 0, ended: () => undefined, send: (call: Call) => sent.push(call) };
    const member = { id: 'a', pending: 0, weight: 1, server } as unknown as GroupMember;
    host = {
      get now() {
        return clock.now();
      },
      attemptTimeout: ATTEMPT_MS,
      replicas: 3,
      choose: () => (isUp ? member : undefined),
      park: (call) => room.enter(call),
      unpark: (call) => room.leave(call),
      isRepeatable: () => true,
      affordsRepetition: () => true,
      attempted: () => undefined,
    };
  });

  function run(deadline: number): Promise<McpReply | GatewayError> {
    const exchange = exchangeWith({ deadline });
    const call = new GroupCall(host, new McpRequest('resources/read', undefined), { deadline, exchange });
    return call.run().catch((thrown: unknown) => thrown as GatewayError);
  }

  const lost = () => new GatewayError('upstream_unavailable', 'lost');
  const unsent = () => new UnsentError('upstream_unavailable', 'refused');

  it('waits for five seconds at most', async () => {
    const ended = run(60_000);
    clock.advance(4_999);
    expect(room.isEmpty).toBe(false);
    clock.advance(1);

    expect(await ended).toMatchObject({ code: 'upstream_unavailable' });
  });

  it('waits no longer than its deadline, however often it has to wait again', async () => {
    const ended = run(7_000);
    clock.advance(4_000);
    room.empty();
    clock.advance(2_999);
    expect(room.isEmpty).toBe(false);
    clock.advance(1);

    expect(await ended).toMatchObject({ code: 'upstream_unavailable' });
    expect(room.isEmpty).toBe(true);
  });

  it('gives each attempt its time, and none more than is left of the whole', () => {
    isUp = true;
    void run(1_500);
    expect(sent[0]?.deadline).toBe(1_000);
    const [call] = sent;
    clock.advance(900);
    call?.failed(lost());

    expect(sent).toHaveLength(2);
    expect(sent[1]?.deadline).toBe(1_500);
  });

  it('is not sent again when its time is over', async () => {
    isUp = true;
    const ended = run(500);
    clock.advance(500);
    sent[0]?.failed(unsent());

    expect(await ended).toBeInstanceOf(UnsentError);
    expect(sent).toHaveLength(1);
  });

  it('is sent again once after it may have arrived, and once for every server while it has not', async () => {
    isUp = true;
    const ended = run(60_000);
    sent[0]?.failed(unsent());
    sent[1]?.failed(lost());
    sent[2]?.failed(unsent());

    sent[3]?.failed(unsent());
    expect(await ended).toMatchObject({ code: 'upstream_unavailable' });
    expect(sent).toHaveLength(4);
  });
});
