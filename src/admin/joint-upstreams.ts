import type { Told } from './all-workers.js';
import type { GroupStatus, ServerStatus } from './upstream.view.js';

/** From the worst: a server is joined in the state of the worker that it serves worst. */
const WORST_FIRST: readonly ServerStatus['state'][] = ['down', 'connecting', 'draining', 'up'];
const OPEN_FIRST: readonly ServerStatus['breaker'][] = ['open', 'half_open', 'closed'];

/** The groups as all workers see them: what is counted is summed up, a state is the worst. */
export function joinGroups(told: readonly Told<readonly GroupStatus[]>[]): readonly GroupStatus[] {
  const [only] = told;
  if (told.length === 1 && only?.worker === undefined) return only?.answer ?? [];
  const groups = Map.groupBy(
    told.flatMap(({ worker, answer }) => answer.map((group) => ({ worker, answer: group }))),
    ({ answer }) => answer.name,
  );
  return Array.from(groups.values(), joinGroup);
}

function joinGroup(told: readonly Told<GroupStatus>[]): GroupStatus {
  const [first] = told as readonly [Told<GroupStatus>];
  const servers = Map.groupBy(
    told.flatMap(({ worker, answer }) => answer.servers.map((server) => ({ worker, answer: server }))),
    ({ answer }) => answer.id,
  );
  const joined = Array.from(servers.values(), joinServer);
  const up = joined.filter(({ state }) => state === 'up').length;
  return Object.assign({}, first.answer, { servers: joined, servers_up: up });
}

function joinServer(told: readonly Told<ServerStatus>[]): ServerStatus {
  const all = told.map(({ answer }) => answer);
  const worst = all.toSorted((one, other) => rank(one) - rank(other))[0] as ServerStatus;
  const broken = all.toSorted((one, other) => breakerRank(one) - breakerRank(other))[0] as ServerStatus;
  const known = all.find(({ revision }) => revision !== null) ?? worst;
  const { era, revision, implementation } = known;
  const { breaker, breaker_retry_seconds } = broken;
  const sum = (key: Counted): number => all.reduce((total, server) => total + server[key], 0);
  return Object.assign({}, worst, {
    breaker,
    breaker_retry_seconds,
    era,
    revision,
    implementation,
    pending: sum('pending'),
    sessions: sum('sessions'),
    requests: sum('requests'),
    failures: sum('failures'),
    reconnects: sum('reconnects'),
    workers: told.map(({ worker, answer }) => ({
      worker: worker ?? 1,
      state: answer.state,
      state_seconds: answer.state_seconds,
      reason: answer.reason,
      breaker: answer.breaker,
      pending: answer.pending,
    })),
  });
}

type Counted = 'pending' | 'sessions' | 'requests' | 'failures' | 'reconnects';

function rank({ state }: ServerStatus): number {
  return WORST_FIRST.indexOf(state);
}

function breakerRank({ breaker }: ServerStatus): number {
  return OPEN_FIRST.indexOf(breaker);
}
