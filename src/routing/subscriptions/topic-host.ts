import type { Answer } from '../../upstream/index.js';

/** How a question of a topic is asked. */
export interface TopicQuestion {
  readonly method: 'resources/subscribe' | 'resources/unsubscribe';
  /** Monotonic milliseconds. Left out: as long as the gateway waits for itself. */
  readonly deadline?: number | undefined;
  /** The server that is asked if it is up. */
  readonly preferred: string | undefined;
}

/** How a topic reaches its group, in whatever generation. */
export interface TopicHost<Topic> {
  /** Asks on the session of the topic. @throws as `Group.ask` */
  ask(topic: Topic, question: TopicQuestion): Promise<Answer>;
  /** Lets the topic `restore` itself when there is room for it. */
  plan(topic: Topic): void;
  /** Nobody wants the topic, and nothing is under way for it. */
  idle(topic: Topic): void;
}
