import { GatewayError } from '../../core/errors.js';
import type { Target } from '../../core/exchange.js';
import { ListRefused } from '../catalog/drain.js';
import type { Member } from '../catalog/member.js';
import { Snapshot, type Contribution } from './snapshot.js';

/** Snapshots that are kept for clients that are still reading their pages. */
const RECENT = 4;

/** Kinds of lists that are merged whole; resources are shown page by page instead. */
export type MergedKind = 'tools' | 'prompts' | 'templates';

/** Tells an operator something, once. */
export type Notice = (text: string) => void;

export type MergedLists = Readonly<Record<MergedKind, MergedList>>;

/** The merged lists of a route. */
export function mergedLists(members: readonly Member[], notice: Notice): MergedLists {
  const list = (kind: MergedKind) => new MergedList(kind, members, notice);
  return { tools: list('tools'), prompts: list('prompts'), templates: list('templates') };
}

/** One list of a route, merged from those of its groups. A group that fails or is slow never costs the others theirs. */
export class MergedList {
  private recent: readonly Snapshot[] = [];
  /** What the groups told in an earlier generation: good enough to find things by. */
  private remembered: Snapshot | undefined;

  constructor(
    readonly kind: MergedKind,
    private readonly members: readonly Member[],
    private readonly notice: Notice,
  ) {}

  /** The merged list, when no group has to be asked for its own. */
  current(): Snapshot | undefined {
    const contributions: Contribution[] = [];
    for (const member of this.members) {
      const listing = member.lists.current(this.kind);
      if (!listing) return undefined;
      contributions.push({ member, listing, degraded: false });
    }
    return this.snapshot(contributions);
  }

  /**
   * The merged list; every group is asked that has to be, all at once.
   *
   * @throws when no group answered and none ever did: `ListRefused` where a single one refused, else `upstream_unavailable`
   */
  async load(): Promise<Snapshot> {
    const outcomes = await Promise.all(this.members.map((member) => this.contribution(member)));
    const asked = outcomes.filter(({ member }) => member.lists.offers(this.kind));
    if (asked.length > 0 && asked.every(({ listing }) => !listing)) throw failureOf(asked);
    return this.snapshot(outcomes);
  }

  /** What a name or template of the route stands for, as far as is known without asking. */
  find(exposed: string): Target | undefined {
    return (this.recent[0] ?? this.memory).find(exposed) ?? this.current()?.find(exposed);
  }

  /** A list that a cursor refers to, while it is kept. */
  recall(hash: string): Snapshot | undefined {
    return this.recent.find((snapshot) => snapshot.hash === hash);
  }

  private get memory(): Snapshot {
    return (this.remembered ??= new Snapshot(
      this.kind,
      this.members.map((member) => ({ member, listing: member.lists.known(this.kind), degraded: true })),
    ));
  }

  private async contribution(member: Member): Promise<Contribution & { readonly thrown?: unknown }> {
    try {
      return { member, listing: await member.lists.load(this.kind), degraded: false };
    } catch (thrown) {
      return { member, listing: member.lists.known(this.kind), degraded: true, thrown };
    }
  }

  private snapshot(contributions: readonly Contribution[]): Snapshot {
    const [latest] = this.recent;
    if (latest?.isOf(contributions)) return latest;
    const snapshot = new Snapshot(this.kind, contributions);
    this.recent = [snapshot, ...this.recent.filter(({ hash }) => hash !== snapshot.hash)].slice(0, RECENT);
    for (const { group, name } of snapshot.hidden) {
      this.notice(`group ${group}: ${this.kind} ${JSON.stringify(name.slice(0, 128))} is hidden by an earlier group`);
    }
    for (const { member, listing } of contributions) {
      if (listing && listing.dropped > 0) {
        this.notice(
          `group ${member.name}: ${listing.dropped} of its ${this.kind} are left out, being invalid or told twice`,
        );
      }
    }
    return snapshot;
  }
}

/** What a list fails with when no group could be asked and nothing is known of any. */
export function failureOf(outcomes: readonly { readonly thrown?: unknown }[]): Error {
  const [only] = outcomes;
  if (outcomes.length === 1 && (only?.thrown instanceof ListRefused || only?.thrown instanceof GatewayError))
    return only.thrown;
  return new GatewayError('upstream_unavailable', 'no group could be asked for its list', {}, { cause: only?.thrown });
}
