import { exchangeWith } from '../../test/support/exchanges.js';
import { GatewayError, UnsentError } from '../core/errors.js';
import type { Exchange } from '../core/exchange.js';
import { InputRequest, McpRequest, result, type InterimMessage } from '../core/message.js';
import type { CallHost } from './call-host.js';
import { GroupCall } from './group-call.js';
import type { GroupMember } from './group-member.js';
import { SessionLostError } from './session-lost.js';

const ATTEMPT_MS = 1_000;

/** A group with one server that does nothing by itself, at a time that the test sets. */
class TestHost implements CallHost {
  now = 0;
  readonly attemptTimeout = ATTEMPT_MS;
  readonly replicas = 1;
  sent = 0;
  parked = 0;
  readonly member = {
    id: 'crm-1',
    server: {
      ref: { group: 'crm', server: 'crm-1' },
      began: () => 0,
      ended: () => undefined,
      send: () => void this.sent++,
      separates: () => false,
    },
  } as unknown as GroupMember;

  choose(): GroupMember {
    return this.member;
  }

  park(): void {
    this.parked++;
  }

  unpark(): void {}

  isRepeatable(): boolean {
    return true;
  }

  affordsRepetition(): boolean {
    return true;
  }

  attempted(): void {}
}

/** An input request of the server, what it was answered, and a way to take it back. */
function question() {
  const answers: unknown[] = [];
  const withdrawals: ((reason: string | undefined) => void)[] = [];
  const input = new InputRequest('elicitation/create', undefined, {
    answered: (reply) => answers.push(reply.json.parse()),
    refused: () => answers.push('refused'),
    progressed: () => undefined,
    onWithdrawn: (callback) => withdrawals.push(callback),
  });
  return { input, answers, withdraw: () => withdrawals.forEach((callback) => callback(undefined)) };
}

let host: TestHost;
let exchange: Exchange & { deadline: number };
let asked: InterimMessage[];

beforeEach(() => {
  host = new TestHost();
  exchange = { ...exchangeWith(), deadline: 5_000 };
  asked = [];
});

function start(request = new McpRequest('tools/call', undefined)) {
  const call = new GroupCall(host, request, {
    deadline: exchange.deadline,
    exchange,
    relay: (message) => asked.push(message),
  });
  const outcome = call.run().catch((thrown: unknown) => thrown);
  return { call, outcome };
}

describe('a call whose downstream is asked for input', () => {
  it('has as long as the downstream is given, and then its time anew', () => {
    const { call } = start();
    expect(call.deadline).toBe(ATTEMPT_MS);
    const { input, answers } = question();
    call.onInterim(input);
    exchange.deadline = 600_000;
    expect(call.deadline).toBe(600_000);

    host.now = 500_000;
    exchange.deadline = 505_000;
    (asked[0] as InputRequest).answered(result({ action: 'accept' }));
    expect(call.deadline).toBe(501_000);
    expect(answers).toEqual([{ action: 'accept' }]);
    exchange.deadline = 500_500;
    expect(call.deadline).toBe(500_500);
  });

  it('has what it had left when the question is withdrawn', () => {
    const { call } = start();
    host.now = 400;
    const { input, withdraw } = question();
    call.onInterim(input);
    exchange.deadline = 600_000;
    host.now = 500_000;
    withdraw();
    expect(call.deadline).toBe(500_600);
  });

  it('waits until the last of several is answered or withdrawn', () => {
    const { call } = start();
    const questions = [question(), question()];
    for (const { input } of questions) call.onInterim(input);
    exchange.deadline = 600_000;
    (asked[0] as InputRequest).answered(result({}));
    (asked[0] as InputRequest).answered(result({}));
    expect(call.deadline).toBe(600_000);

    host.now = 100;
    questions[1]!.withdraw();
    expect(call.deadline).toBe(100 + ATTEMPT_MS);
  });

  it('is never sent again', async () => {
    const { call, outcome } = start();
    call.onInterim(question().input);
    call.failed(new GatewayError('upstream_unavailable', 'gone'));

    expect(await outcome).toMatchObject({ code: 'upstream_unavailable' });
    expect(host.sent).toBe(1);
  });
});

describe('a question of the gateway’s own', () => {
  it('has nobody to ask for input, and says so at once', () => {
    const call = new GroupCall(host, new McpRequest('tools/list', undefined), { deadline: 5_000 });
    void call.run();
    const { input, answers } = question();
    call.onInterim(input);

    expect(answers).toEqual(['refused']);
  });
});

describe('a call whose session was lost', () => {
  it('is sent once more on another, whatever it is, and not a third time for that', async () => {
    host.isRepeatable = () => false;
    const { call, outcome } = start();
    call.failed(new SessionLostError());
    expect(host.sent).toBe(2);
    call.failed(new SessionLostError());
    call.failed(new SessionLostError());

    expect(await outcome).toBeInstanceOf(UnsentError);
    expect(host.sent).toBe(3);
  });

  it('is not sent again when nobody waits any more', async () => {
    const { call, outcome } = start();
    host.now = 5_000;
    call.failed(new SessionLostError());

    expect(await outcome).toMatchObject({ code: 'upstream_unavailable' });
    expect(host.sent).toBe(1);
  });
});
