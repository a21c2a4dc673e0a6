import { Cancellation } from '../../src/core/cancellation.js';
import { CancelledError } from '../../src/core/errors.js';
import { Flow } from '../../src/core/flow.js';
import type { JsonObject } from '../../src/core/json.js';
import type { InterimMessage, McpReply } from '../../src/core/message.js';
import { ANONYMOUS, type Principal } from '../../src/core/principal.js';
import type { Topology } from '../../src/routing/topology.js';
import { request, TestStay, type RoutingBench } from './routing.js';

export interface ListenOptions {
  readonly path?: string;
  readonly capabilities?: JsonObject;
  readonly principal?: Principal;
}

let opened = 0;

/** A modern downstream that listens, and remembers what it was told. */
export class TestListen {
  readonly stay: TestStay;
  readonly flow = new Flow();
  readonly signal = new Cancellation();
  readonly told: InterimMessage[] = [];
  /** What it was answered, or the code of what it failed with. */
  readonly outcome: Promise<McpReply | string>;
  private readonly over: () => void;

  constructor(
    bench: RoutingBench,
    topology: Topology,
    notifications: JsonObject,
    { path = '/mcp', capabilities = {}, principal = ANONYMOUS }: ListenOptions = {},
  ) {
    const route = topology.find(path)!;
    const method = 'subscriptions/listen';
    this.stay = new TestStay(`listen-${++opened}`, { principal });
    const { stay, flow, signal } = this;
    const peer = { ...stay.peer!, era: 'modern', revision: '2026-07-28', capabilities } as const;
    stay.peer = peer;
    Object.defineProperty(stay, 'flow', { value: flow });
    const deliver = (message: InterimMessage): void => void (stay.ended || this.told.push(message));
    stay.deliver = deliver;
    const exchange = bench.exchange({
      method,
      stay,
      principal,
      peer,
      flow,
      signal,
      route: route.name,
      deadline: Infinity,
    });
    this.outcome = route.handle(request(method, { notifications }), { ...exchange, deliver }).then(
      (reply) => reply,
      ({ code }: { code: string }) => code,
    );
    this.over = () => stay.end();
    void this.outcome.then(() => stay.end());
  }

  /** What it was told first; undefined before that. */
  get acknowledged(): unknown {
    const [first] = this.told;
    if (!first) return undefined;
    expect(first.method).toBe('notifications/subscriptions/acknowledged');
    return first.params?.object()['notifications'];
  }

  /** What it was told after that, since it was asked last: the kind of a list, or a URI. */
  heard(): unknown[] {
    return this.told.splice(1).map(({ method, params }) => params?.object()['uri'] ?? method.split('/')[1]);
  }

  /** The client has had enough. */
  async leave(): Promise<void> {
    this.signal.abort(new CancelledError());
    this.over();
    await this.outcome;
  }
}
