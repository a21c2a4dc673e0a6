import { GatewayError } from '../../core/errors.js';
import type { Target } from '../../core/exchange.js';
import type { Freshness } from '../../core/message.js';
import type { Pins } from '../../core/pins.js';
import { ListRefused } from '../catalog/drain.js';
import { mergedFreshness, STALE } from '../catalog/freshness.js';
import type { Interned } from '../catalog/interned.js';
import type { Member } from '../catalog/member.js';
import { keyOf, Snapshot, type Contribution } from './snapshot.js';

/** Snapshots that are kept for clients that are still reading their pages. */
const RECENT = 4;

/** Kinds of lists that are merged whole; resources are shown page by page instead. */
export type MergedKind = 'tools' | 'prompts' | 'templates';

/** Tells an operator something, once. */
export type Notice = (text: string) => void;

export type MergedLists = Readonly<Record<MergedKind, MergedList>>;

/** What the merged lists of one route have in common, whoever they are shown to. */
export interface MergeTools {
  readonly notice: Notice;
  /** Lists merged of the same are kept once. */
  readonly snapshots: Interned<Snapshot>;
  /** What was merged under another mark is not to be found any more. */
  readonly pins: Pick<Pins, 'mark'>;
}

/** The merged lists of these groups, as one route shows them. */
export function mergedLists(members: readonly Member[], tools: MergeTools): MergedLists {
  const list = (kind: MergedKind) => new MergedList(kind, members, tools);
  return { tools: list('tools'), prompts: list('prompts'), templates: list('templates') };
}

/** One list of a route, merged from those of its groups. A group that fails or is slow never costs the others theirs. */
export class MergedList {
  private recent: readonly Snapshot[] = [];
  /** What the groups told in an earlier generation: good enough to find things by. */
  private remembered: Snapshot | undefined;
  /** Under which all of that was merged. */
  private mark = '';

  constructor(
    readonly kind: MergedKind,
    private readonly members: readonly Member[],
    private readonly tools: MergeTools,
  ) {}

  /** The merged list, when no group has to be asked for its own. */
  current(): Snapshot | undefined {
    const contributions: Contribution[] = [];
    for (const member of this.members) {
      const listing = member.lists.current(this.kind);
      if (!listing) return undefined;
      contributions.push({ owner: member.owner, listing, degraded: false });
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
    const asked = outcomes.filter((_, index) => this.members[index]?.lists.offers(this.kind));
    if (asked.length > 0 && asked.every(({ listing }) => !listing)) throw failureOf(asked);
    return this.snapshot(outcomes);
  }

  /** What a name or template of the route stands for, as far as is known without asking. */
  find(exposed: string): Target | undefined {
    this.forgetUnapproved();
    const latest = this.recent[0] ?? this.memory;
    if (this.isOutdated(latest)) return (this.current() ?? this.known()).find(exposed);
    return latest.find(exposed) ?? this.current()?.find(exposed);
  }

  /** The merged list as it was last, whether it was asked for or only looked at. */
  get latest(): Snapshot | undefined {
    return this.recent[0];
  }

  /**
   * The merged list as far as it is known without asking.
   *
   * @param familiar what stands in for a group that never told its list here
   */
  known(familiar?: MergedLists): Snapshot {
    const others = familiar?.[this.kind].members;
    const contributions = this.members.map(({ owner, lists }, index) => ({
      owner,
      listing: lists.known(this.kind) ?? others?.[index]?.lists.known(this.kind),
      degraded: false,
    }));
    return this.interned(contributions);
  }

  /** A list that a cursor refers to, while it is kept. */
  recall(hash: string): Snapshot | undefined {
    this.forgetUnapproved();
    return this.recent.find((snapshot) => snapshot.hash === hash);
  }

  /** How long and by whom a list merged of these groups may be used again. */
  freshness({ contributions, degraded }: Snapshot): Freshness {
    if (degraded.length > 0) return STALE;
    const parts = this.members.map(({ lists }, index) => lists.freshness(this.kind, contributions[index]?.listing));
    return mergedFreshness(parts.filter((part) => part !== undefined));
  }

  /** Where approvals are others, all lists have to be looked at again. */
  private forgetUnapproved(): void {
    const { mark } = this.tools.pins;
    if (mark === this.mark) return;
    this.mark = mark;
    this.recent = [];
    this.remembered = undefined;
  }

  /** Whether a group has told another list meanwhile, where nothing but what is listed may be used. */
  private isOutdated({ contributions }: Snapshot): boolean {
    if (this.mark === '') return false;
    return this.members.some(
      ({ lists }, index) => lists.confines(this.kind) && lists.known(this.kind) !== contributions[index]?.listing,
    );
  }

  private get memory(): Snapshot {
    return (this.remembered ??= new Snapshot(
      this.kind,
      this.members.map(({ owner, lists }) => ({ owner, listing: lists.known(this.kind), degraded: true })),
    ));
  }

  private async contribution({ owner, lists }: Member): Promise<Contribution & { readonly thrown?: unknown }> {
    try {
      return { owner, listing: await lists.load(this.kind), degraded: false };
    } catch (thrown) {
      return { owner, listing: lists.known(this.kind), degraded: true, thrown };
    }
  }

  private snapshot(contributions: readonly Contribution[]): Snapshot {
    const [latest] = this.recent;
    if (latest?.isOf(contributions)) return latest;
    const snapshot = this.interned(contributions);
    this.recent = [snapshot, ...this.recent.filter(({ hash }) => hash !== snapshot.hash)].slice(0, RECENT);
    return snapshot;
  }

  private interned(contributions: readonly Contribution[]): Snapshot {
    const { snapshots } = this.tools;
    const key = `${this.kind} ${keyOf(contributions)}`;
    const known = snapshots.get(key);
    if (known) return known;
    const snapshot = snapshots.add(key, new Snapshot(this.kind, contributions.map(bare)));
    this.report(snapshot);
    return snapshot;
  }

  private report({ hidden, contributions }: Snapshot): void {
    const { notice } = this.tools;
    for (const { group, name } of hidden) {
      notice(`group ${group}: ${this.kind} ${JSON.stringify(name.slice(0, 128))} is hidden by an earlier group`);
    }
    for (const { owner, listing } of contributions) {
      if (listing && listing.dropped > 0) {
        notice(`group ${owner.name}: ${listing.dropped} of its ${this.kind} are left out, being invalid or told twice`);
      }
    }
  }
}

/** Without what only its first reader has to know. */
function bare({ owner, listing, degraded }: Contribution): Contribution {
  return { owner, listing, degraded };
}

/** What a list fails with when no group could be asked and nothing is known of any. */
export function failureOf(outcomes: readonly { readonly thrown?: unknown }[]): Error {
  const [only] = outcomes;
  if (outcomes.length === 1 && (only?.thrown instanceof ListRefused || only?.thrown instanceof GatewayError))
    return only.thrown;
  return new GatewayError('upstream_unavailable', 'no group could be asked for its list', {}, { cause: only?.thrown });
}
