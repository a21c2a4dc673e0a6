import { ResourceServer, Resources } from '../../src/auth/index.js';
import { NEVER } from 'rxjs';

import { RoundRobinStrategy } from '../../src/balancer/strategies/round-robin.strategy.js';
import type { ConfigService } from '../../src/config/index.js';
import { Events } from '../../src/core/events.js';
import { Flow } from '../../src/core/flow.js';
import type { JsonObject } from '../../src/core/json.js';
import { ANONYMOUS } from '../../src/core/principal.js';
import type { Connections } from '../../src/downstream/connections.js';
import { ExchangeFactory } from '../../src/downstream/exchange.factory.js';
import { InputCourier } from '../../src/downstream/input-courier.js';
import { Intake } from '../../src/downstream/intake.js';
import type { Leg } from '../../src/downstream/leg.js';
import type { Outlet } from '../../src/downstream/outlet.js';
import { Overdue } from '../../src/downstream/overdue.js';
import { LegacyReceiver } from '../../src/downstream/legacy-receiver.js';
import { Visitors } from '../../src/downstream/modern/visitors.js';
import { SessionCourier } from '../../src/downstream/session-courier.js';
import { Validation } from '../../src/downstream/validation.js';
import { scan } from '../../src/protocol/index.js';
import type { Topology } from '../../src/routing/topology.js';
import { Session } from '../../src/session/index.js';
import type { Isolation, WireListener } from '../../src/upstream/index.js';
import { GroupMember } from '../../src/upstream/group-member.js';
import { Children } from '../../src/upstream/own/children.js';
import { UpstreamServer } from '../../src/upstream/server/upstream-server.js';
import { ServerGroup } from '../../src/upstream/server-group.js';
import { RoutingBench } from './routing.ts';
import { settingsWith } from './server-settings.ts';
import { INTRODUCTION, TestWire } from './test-wire.ts';

const TOOLS = { tools: [{ name: 't', inputSchema: { type: 'object' } }] };
const LIMITS = { maxBytes: 1_000_000, maxDepth: 64, batch: false };

/** A server that lists one tool, and leaves all else to the test. */
class OneToolWire extends TestWire {
  override send(frame: Buffer): void {
    super.send(frame);
    const { id, method } = this.sent.at(-1) ?? {};
    if (method === 'tools/list') this.say({ id, result: TOOLS });
  }
}

/** A client: each answer to a request comes on its own, or all of it on one wire. */
export class BothLegsClient {
  /** Everything it was sent, and what it came on: the request, or undefined for what is the session's. */
  readonly heard: { readonly message: JsonObject; readonly on: unknown }[] = [];
  readonly session: Session;
  private readonly house: BothLegs;
  private readonly duplex: boolean;

  constructor(house: BothLegs, name: string, { duplex, capabilities }: { duplex: boolean; capabilities: JsonObject }) {
    this.house = house;
    this.duplex = duplex;
    this.session = new Session(name, ANONYMOUS, 'mcp');
    this.session.peer = { era: 'legacy', revision: '2025-11-25', capabilities, info: { name, version: '1' } };
    this.session.courier = house.courier;
    this.session.voice = { flow: new Flow(), send: (frame) => this.hear(frame, undefined) };
  }

  send(message: JsonObject): void {
    const incoming = scan(Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message })), LIMITS);
    this.house.receiver.receive(incoming, this.leg(), this.outlet(message['id']));
  }

  private leg(): Leg {
    const { session, duplex } = this;
    const route = this.house.topology.find('/mcp');
    const { principal } = session;
    const place = { routeName: 'mcp', clientAddress: '192.0.2.1', principal, headers: undefined };
    return { ...place, session, route, duplex, introduce: () => session };
  }

  private outlet(id: unknown): Outlet {
    const on = this.duplex ? undefined : id;
    return {
      flow: new Flow(),
      carriesInterim: true,
      started: () => undefined,
      interim: (frame) => this.hear(frame, on),
      reply: (frame) => this.hear(frame.bytes, on),
      nothing: () => undefined,
    };
  }

  private hear(frame: Buffer, on: unknown): void {
    this.heard.push({ message: JSON.parse(frame.toString()) as JsonObject, on });
  }
}

/** Everything from the message of a client to the wire of a server and back, without any socket. */
export class BothLegs {
  /** One for each upstream session; the one that everybody shares is the first. */
  readonly wires: TestWire[] = [];
  readonly bench = new RoutingBench();
  readonly courier: SessionCourier;
  readonly receiver: LegacyReceiver;
  topology!: Topology;
  private readonly clients: BothLegsClient[] = [];
  private readonly events = new Events();
  private readonly knowsOrigin: boolean;
  private readonly server: UpstreamServer;

  private constructor(knowsOrigin: boolean) {
    this.knowsOrigin = knowsOrigin;
    const { clock } = this.bench;
    const sections = new Map<unknown, object>();
    const get = (Section: new () => object): object => {
      if (!sections.has(Section)) sections.set(Section, new Section());
      return sections.get(Section) as object;
    };
    const config = { get, changes: NEVER } as unknown as ConfigService;
    const connections = { all: () => this.clients } as unknown as Connections;
    const [intake, inputs] = [new Intake(), new InputCourier(clock, config)];
    const overdue = new Overdue(connections, new Visitors(), clock, config);
    const exchanges = new ExchangeFactory(
      clock,
      intake,
      overdue,
      inputs,
      this.events,
      new ResourceServer(config, new Resources(config)),
    );
    const product = { name: 'gw', version: '1.0.0', environment: 'test' };
    const validation = new Validation(this.events, clock, config);
    this.courier = new SessionCourier(inputs);
    this.receiver = new LegacyReceiver(exchanges, intake, this.events, product, validation, config);
    this.server = new UpstreamServer({
      settings: settingsWith({ group: 'crm', id: 'crm-1' }),
      transportName: 'test',
      transport: { open: (_: unknown, listener: WireListener) => this.open(listener) },
      clock,
      events: this.events,
      children: new Children(),
    });
  }

  /** @param knowsOrigin whether the transport says on behalf of which request a message comes */
  static async start(isolation: Isolation, knowsOrigin: boolean): Promise<BothLegs> {
    const house = new BothLegs(knowsOrigin);
    const { clock } = house.bench;
    const group = new ServerGroup({
      name: 'crm',
      prefix: '',
      isolation,
      strategyName: 'round_robin',
      strategy: new RoundRobinStrategy(),
      members: [new GroupMember(house.server, 1)],
      attemptTimeout: 60_000,
      clock,
      events: house.events,
    });
    house.topology = await house.bench.topology([group]);
    house.server.start();
    await settled();
    return house;
  }

  client(...args: [name: string, traits: { duplex: boolean; capabilities: JsonObject }]): BothLegsClient {
    const client = new BothLegsClient(this, ...args);
    this.clients.push(client);
    return client;
  }

  private async open(listener: WireListener): Promise<TestWire> {
    const wire = new OneToolWire();
    wire.knowsOrigin = this.knowsOrigin;
    wire.introduction = { result: { ...INTRODUCTION, protocolVersion: '2025-11-25' } };
    wire.listener = listener;
    this.wires.push(wire);
    return wire;
  }
}

/** Lets everything happen that happens by itself. */
export function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
