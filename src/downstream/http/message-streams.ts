import { randomBytes } from 'node:crypto';

import { Inject, Injectable, Optional } from '@nestjs/common';

import { ConfigService } from '../../config/index.js';
import { Flow } from '../../core/flow.js';
import { WORKER_BUS, type WorkerBus } from '../../core/worker-bus.js';
import { revisionOf } from '../../protocol/index.js';
import { type SealedSession, SessionSection } from '../../session/index.js';
import type { BacklogLimits } from '../backlog.js';
import { ServerSection } from '../server.section.js';
import { type EventId, nonceOf, type StreamKind, streamName } from './event-store/event-id.js';
import { EVENT_STORE, type EventStore, type StreamRecord } from './event-store/event-store.js';
import type { HttpResponse } from './http-message.js';
import { MessageStream, replay, type Resumable, type Speaker } from './message-stream.js';
import { SseStream } from './sse-stream.js';

/** The open streams of one session that can be resumed. */
interface OpenStreams {
  /** Tells this stay from others of the same session, in this process or another: their streams are not ours. */
  readonly nonce: string;
  /** How many there have been. */
  count: number;
  readonly byName: Map<string, MessageStream>;
}

/** What became of a client's wish to go on with a stream: it goes on, everything was said, or nobody knows of it. */
export type Resumption = 'resumed' | 'over' | 'unknown';

/** Opens streams to clients, and finds those again that a client comes back to. */
@Injectable()
export class MessageStreams {
  private readonly sessions = new Map<string, OpenStreams>();
  private readonly limits: BacklogLimits;
  private window: number;

  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    config: ConfigService,
    @Optional() @Inject(WORKER_BUS) private readonly bus?: WorkerBus,
  ) {
    const { queueSoftBytes, queueHardBytes } = config.get(ServerSection);
    this.limits = { queueSoftBytes, queueHardBytes };
    this.window = config.get(SessionSection).resumeWindow;
    config.changes.subscribe(({ next }) => {
      this.window = next.get(SessionSection).resumeWindow;
    });
  }

  /** How long a client may be away. Milliseconds; 0 when it cannot come back. */
  get resumeWindow(): number {
    return this.window;
  }

  /** Whether the streams of a session can be resumed. */
  areResumable({ peer, ended }: SealedSession): boolean {
    return this.window > 0 && !ended && revisionOf(peer.revision)?.eventIds === true;
  }

  /** Whether the client of a session is to have an id before there is anything to say. */
  arePrimed(session: SealedSession): boolean {
    return this.areResumable(session) && revisionOf(session.peer.revision)?.primedStreams === true;
  }

  /** @param session of which it is a stream, when the client has introduced itself */
  open(kind: StreamKind, session: SealedSession | undefined, response: HttpResponse, speaker: Speaker): MessageStream {
    const resumable = session && this.areResumable(session) ? this.resumable(kind, session) : undefined;
    const stream = new MessageStream(this.connection(response, speaker), speaker, resumable);
    if (session && resumable) this.sessions.get(session.id)?.byName.set(resumable.name, stream);
    return stream;
  }

  /** Answers with what came on that stream behind that event, and with what still comes. Writes nothing unless it goes on. */
  async resume(session: SealedSession, { stream: name, number }: EventId, response: HttpResponse): Promise<Resumption> {
    const open = this.sessions.get(session.id)?.byName.get(name);
    if (open) {
      if (number > open.last) return 'unknown';
      await open.resume(this.connection(response, open), number);
      return 'resumed';
    }
    const record = await this.store.find(session.id, name);
    if (!record || number > record.last) return 'unknown';
    return this.finish(name, record, number, response);
  }

  /** Answers with the rest of a stream to which nothing will be added. */
  private async finish(
    name: string,
    record: StreamRecord,
    number: number,
    response: HttpResponse,
  ): Promise<Resumption> {
    if (number === record.last) return 'over';
    const flow = new Flow();
    const connection = this.connection(response, { flow });
    await replay({ name, record }, { connection, flow }, number);
    connection.end();
    return 'resumed';
  }

  private connection(response: HttpResponse, { flow }: Pick<Speaker, 'flow'>): SseStream {
    return new SseStream(response, flow, this.limits);
  }

  private newNonce(): string {
    const { bus } = this;
    if (!bus || bus.size === 1) return randomBytes(4).toString('base64url');
    return nonceOf(bus.self.slot, randomBytes(3).toString('base64url'));
  }

  private resumable(kind: StreamKind, session: SealedSession): Resumable {
    const streams = this.of(session);
    const name = streamName(streams.nonce, kind, streams.count++);
    const record = this.store.begin(session.id, name);
    return {
      name,
      record,
      primes: this.arePrimed(session),
      close: () => {
        record.finish();
        streams.byName.delete(name);
      },
    };
  }

  private of(session: SealedSession): OpenStreams {
    const known = this.sessions.get(session.id);
    if (known) return known;
    const streams: OpenStreams = { nonce: this.newNonce(), count: 0, byName: new Map() };
    this.sessions.set(session.id, streams);
    session.onEnd(() => {
      this.sessions.delete(session.id);
      this.store.forget(session.id);
    });
    return streams;
  }
}
