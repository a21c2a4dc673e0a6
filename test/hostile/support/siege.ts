import type { Json } from '../../support/raw-clients.ts';
import { type Deed, HostileUpstream, type Kind, KINDS } from './hostile-upstream.ts';
import { Target } from './target.ts';
import { type Witness, witnesses } from './witness.ts';

/** How much more the gateway may take while anything goes on, over all transports at once. */
const MAX_GROWTH_MIB = 50;
/** What is not held against a fault: the memory that serving takes. */
const WARM_UP_CALLS = 100;

export type Deeds = Readonly<Record<string, Deed>>;

/** The gateway before one hostile server for each transport. */
export class Siege {
  readonly target: Target;
  private readonly fronts: readonly Front[];
  private readonly memory: number;

  private constructor(target: Target, fronts: readonly Front[]) {
    this.target = target;
    this.fronts = fronts;
    this.memory = target.memory;
  }

  /** @param keys of `[upstream]` */
  static async begin(deedsOver: (kind: Kind) => Deeds, keys = ''): Promise<Siege> {
    const upstreams = await Promise.all(
      KINDS.map((kind) => HostileUpstream.start(kind, { fine: (hit) => hit.fine(), ...deedsOver(kind) })),
    );
    const groups = upstreams.map((upstream) => `[[upstream.groups.${upstream.kind}.servers]]\n${upstream.toml()}`);
    const target = await Target.start(`
[middleware.timeout]
upstream = "1500ms"
[upstream]
${keys}
[upstream.reconnect]
min = "10ms"
max = "100ms"
[upstream.circuit_breaker]
enabled = false
${groups.join('')}`);
    const fronts = upstreams.map(
      async (upstream) => new Front(target, upstream, await witnesses(target, upstream.kind)),
    );
    const all = await Promise.all(fronts);
    await Promise.all(all.map((front) => front.warmUp()));
    return new Siege(target, all);
  }

  front(kind: Kind): Front {
    return this.fronts.find(({ upstream }) => upstream.kind === kind) as Front;
  }

  /** The gateway has never grown by more than that, whatever was done to it. @param most in MiB */
  expectBoundedMemory(most = MAX_GROWTH_MIB): void {
    expect(this.target.peakMemory - this.memory).toBeLessThan(most);
  }

  async end(): Promise<void> {
    for (const front of this.fronts) front.end();
    await this.target.stop();
  }
}

/** One hostile server, and four clients that all want something of it. */
export class Front {
  readonly target: Target;
  readonly upstream: HostileUpstream;
  readonly clients: readonly Witness[];

  constructor(target: Target, upstream: HostileUpstream, clients: readonly Witness[]) {
    this.target = target;
    this.upstream = upstream;
    this.clients = clients;
  }

  async warmUp(): Promise<void> {
    for (let n = 0; n < WARM_UP_CALLS; n++) await Promise.all(this.clients.map((witness) => witness.call('fine')));
    await this.over();
  }

  /**
   * Every client asks twice at once, and gets one answer to each: one of these outcomes. Then the next request
   * succeeds in time, and nobody has heard what is another's.
   *
   * @param stop ends whatever goes wrong
   */
  async suffers(
    ask: (witness: Witness) => Promise<Json>,
    outcomes: readonly string[],
    stop?: () => void,
  ): Promise<void> {
    const asked = this.clients.flatMap((witness) => [ask(witness), ask(witness)]);
    const replies = await Promise.all(asked);
    stop?.();
    for (const reply of replies) expect(outcomes).toContain(outcomeOf(reply));
    await this.over();
  }

  end(): void {
    for (const witness of this.clients) witness.close();
    this.upstream.stop();
  }

  /** What went on is over: everybody is served again, and has heard nothing that was not for them. */
  private async over(): Promise<void> {
    await Promise.all(this.clients.map((witness) => witness.recovered()));
    for (const witness of this.clients) {
      this.target.heard(witness.heard);
      witness.expectItsOwn(this.clients);
    }
  }
}

/** `ok`, `relayed` for an error of the server's, or the reason of a failure of the gateway's own. */
export function outcomeOf(reply: Json): string {
  const { result, error } = reply as { result?: unknown; error?: { data?: { reason?: string } } };
  return result ? 'ok' : (error?.data?.reason ?? 'relayed');
}
