import type { Clock } from '../../core/clock.js';
import { McpRequest, type Params } from '../../core/message.js';
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

  ask({ uri, holder }: Topic, { method, deadline, preferred }: TopicQuestion): Promise<Answer> {
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
    this.updated(params, server);
  }

  /** Params of a `notifications/resources/updated`. @param holder on whose session it was said */
  updated(params: Params, server: string, holder?: GroupHolder): void {
    const topics = this.sessions.get(holder);
    const uri = topics && params.text('uri');
    if (!topics || uri === undefined) return;
    const told = new Set<UpdateListener>();
    for (const whole of wholesOf(uri)) topics.get(whole)?.updated(params, uri, server, told);
  }

  serverIntroduced(server: string): void {
    for (const topic of this.topicsOf(undefined)) topic.renewed(server);
    // Own sessions are not introduced with it; those that could not be opened may be now.
    for (const [holder, topics] of this.sessions) {
      if (holder) for (const topic of topics.values()) topic.retry();
    }
  }

  serverLost(server: string): void {
    for (const topic of this.topicsOf(undefined)) topic.lost(server);
  }

  /** A holder's own session is a new one. */
  renewed(server: string, holder: GroupHolder): void {
    for (const topic of this.topicsOf(holder)) topic.renewed(server);
  }

  /** A holder's own session was lost. */
  lost(server: string, holder: GroupHolder): void {
    for (const topic of this.topicsOf(holder)) topic.lost(server);
  }

  private topicsOf(holder: GroupHolder | undefined): Topic[] {
    return [...(this.sessions.get(holder)?.values() ?? [])];
  }
}
