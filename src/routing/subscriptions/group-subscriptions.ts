import type { Clock } from '../../core/clock.js';
import { McpRequest, result, type Params } from '../../core/message.js';
import { readParams } from '../../protocol/index.js';
import type { Answer, Group, GroupListener } from '../../upstream/index.js';
import type { GroupHolder } from '../holder/group-holder.js';
import type { UpdateListener } from './listeners.js';
import { wholesOf } from './resource-uris.js';
import { Restorations } from './restorations.js';
import { Topic } from './topic.js';
import type { TopicHost, TopicQuestion } from './topic-host.js';

/** How long a question may take behind which no downstream stands, in milliseconds. */
const ASK_MS = 30_000;

const DONE = result({});

/** What is subscribed to on one upstream session, by URI. */
type Topics = Map<string, Topic>;

/** What is subscribed to in one group, on the sessions that everybody shares and on those of holders. */
export class GroupSubscriptions implements TopicHost<Topic>, GroupListener {
  /** Undefined stands for the sessions that everybody shares. */
  private readonly sessions = new Map<GroupHolder | undefined, Topics>();
  private readonly restorations: Restorations;
  private stopListening: () => void;

  /** @param group of the running generation */
  constructor(
    private group: Group,
    private readonly clock: Clock,
  ) {
    this.restorations = new Restorations(clock);
    this.stopListening = group.listen(this);
  }

  /** A new generation has come, with the group of the same name: what is wanted is wanted of that. */
  moveTo(group: Group): void {
    if (group === this.group) return;
    this.stopListening();
    this.group = group;
    this.stopListening = group.listen(this);
    for (const topics of this.sessions.values()) for (const topic of topics.values()) topic.moved();
  }

  /** The group is gone. */
  close(): void {
    this.stopListening();
    this.restorations.stop();
    this.sessions.clear();
  }

  /** The topic of a URI on one session; made when there is none. */
  topic(uri: string, holder: GroupHolder | undefined): Topic {
    const topics = this.sessions.get(holder) ?? new Map<string, Topic>();
    this.sessions.set(holder, topics);
    if (holder) holder.needsSession = true;
    const topic = topics.get(uri) ?? new Topic(uri, holder, this);
    topics.set(uri, topic);
    return topic;
  }

  ask(topic: Topic, { method, deadline, preferred }: TopicQuestion): Promise<Answer> {
    if (method === 'resources/unsubscribe' && preferred !== undefined && this.isWantedBeside(topic, preferred)) {
      return Promise.resolve({ reply: DONE, server: preferred, isOwn: false });
    }
    const { uri, holder } = topic;
    const request = new McpRequest(method, readParams(Buffer.from(JSON.stringify({ uri }))));
    return this.group.ask(request, { deadline: deadline ?? this.clock.now() + ASK_MS, preferred, holder });
  }

  plan(topic: Topic): void {
    this.restorations.plan(topic);
  }

  idle(topic: Topic): void {
    this.restorations.forget(topic);
    const topics = this.sessions.get(topic.holder);
    if (topics?.get(topic.uri) !== topic) return;
    topics.delete(topic.uri);
    if (topics.size > 0) return;
    this.sessions.delete(topic.holder);
    if (topic.holder) topic.holder.needsSession = false;
  }

  resourceUpdated(params: Params, server: string): void {
    const told = new Set<UpdateListener>();
    tell(this.sessions.get(undefined), { params, server, told });
    for (const topics of this.ofHolders()) tell(topics, { params, server, told }, (topic) => topic.isSharedOn(server));
  }

  /** Params of a `notifications/resources/updated`. @param holder on whose session it was said */
  updated(params: Params, server: string, holder: GroupHolder): void {
    tell(this.sessions.get(holder), { params, server, told: new Set() });
  }

  serverIntroduced(server: string): void {
    for (const topic of this.topicsOf(undefined)) topic.renewed(server);
    const { era } = this.group;
    // Own sessions are not introduced with it; those that could not be opened may be now, or are not needed any more.
    for (const [holder, topics] of this.sessions) {
      if (!holder) continue;
      for (const topic of topics.values()) {
        if (era === 'legacy') topic.retry();
        else topic.renewed(server);
      }
    }
  }

  serverLost(server: string): void {
    for (const topic of this.topicsOf(undefined)) topic.lost(server);
    for (const topics of this.ofHolders()) {
      for (const topic of topics.values()) if (topic.isSharedOn(server)) topic.lost(server);
    }
  }

  /** A holder's own session is a new one. */
  renewed(server: string, holder: GroupHolder): void {
    for (const topic of this.topicsOf(holder)) topic.renewed(server);
  }

  /** A holder's own session was lost. */
  lost(server: string, holder: GroupHolder): void {
    for (const topic of this.topicsOf(holder)) topic.lost(server);
  }

  /** Whether a server that has no own sessions is still to tell somebody else of the same resource. */
  private isWantedBeside(topic: Topic, server: string): boolean {
    if (this.group.era === 'legacy' || !topic.isShared) return false;
    const same = Array.from(this.sessions.values(), (topics) => topics.get(topic.uri));
    return same.some((other) => other !== undefined && other !== topic && other.isSharedOn(server));
  }

  /** What is subscribed to for holders, where some of it may be on the sessions that everybody shares. */
  private *ofHolders(): Iterable<Topics> {
    if (this.group.era === 'legacy') return;
    for (const [holder, topics] of this.sessions) if (holder) yield topics;
  }

  private topicsOf(holder: GroupHolder | undefined): Topic[] {
    return [...(this.sessions.get(holder)?.values() ?? [])];
  }
}

/** An update, as it was told by a server. */
interface Update {
  readonly params: Params;
  readonly server: string;
  /** Who heard of it already. */
  readonly told: Set<UpdateListener>;
}

function tell(topics: Topics | undefined, { params, server, told }: Update, which?: (topic: Topic) => boolean): void {
  const uri = topics && params.text('uri');
  if (!topics || uri === undefined) return;
  for (const whole of wholesOf(uri)) {
    const topic = topics.get(whole);
    if (topic && (which?.(topic) ?? true)) topic.updated(params, uri, server, told);
  }
}
