import type { BalancingStrategy } from '../balancer/index.js';
import type { Seeker } from './call-host.js';
import type { GroupMember } from './group-member.js';
import type { Holder } from './holder.js';
import { nobodyCame } from './waiting-room.js';

/** Finds a server of a group for a call: the one where its holder has a session, else by the group's strategy. */
export class ServerChoice {
  constructor(
    private readonly members: readonly GroupMember[],
    private readonly strategy: BalancingStrategy,
  ) {}

  /** Whether calls that wait for a server have one to go to, or nothing to wait for any more. */
  get isSettled(): boolean {
    return this.isAnybodyHere() || !this.isAnybodyExpected();
  }

  /** Undefined when none takes requests but one may come back. @throws when none will */
  choose(call: Seeker): GroupMember | undefined {
    const { holder } = call;
    const kept = holder && this.keptFor(call, holder);
    if (kept) return kept;
    const offered = this.offered();
    const untried = call.hasTried ? offered.filter((member) => !call.tried(member)) : offered;
    const others = untried.length > 0 ? untried : offered;
    if (!hasSome(others)) {
      if (this.isAnybodyExpected()) return undefined;
      throw nobodyCame();
    }
    const preferred = call.exchange?.target?.server ?? call.preferred;
    const named = preferred === undefined ? undefined : others.find(({ id }) => id === preferred);
    return named ?? this.strategy.pick(others, call.exchange, call.request);
  }

  /** Those that take requests: while all of them do, the very list of them. */
  private offered(): readonly GroupMember[] {
    const { members } = this;
    for (const member of members) if (!isOffered(member)) return members.filter(isOffered);
    return members;
  }

  /** The server on which the holder has its session, unless the target is on another. */
  private keptFor(call: Seeker, holder: Holder): GroupMember | undefined {
    const named = call.exchange?.target?.server;
    return this.members.find((member) => {
      const { server, weight } = member;
      if (named !== undefined && named !== member.id) return false;
      return weight > 0 && server.sessions.has(holder) && !call.tried(member) && server.takesRequestsOf(holder);
    });
  }

  private isAnybodyHere(): boolean {
    return this.members.some(isOffered);
  }

  private isAnybodyExpected(): boolean {
    return this.members.some(({ server, weight }) => weight > 0 && server.state.kind === 'connecting');
  }
}

function isOffered({ server, weight }: GroupMember): boolean {
  return weight > 0 && server.takesRequests;
}

function hasSome<T>(list: readonly T[]): list is readonly [T, ...T[]] {
  return list.length > 0;
}
