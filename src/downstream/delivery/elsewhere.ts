import type { ScanLimits } from '../../protocol/index.js';
import { notificationFrame, replyFrame, scan } from '../../protocol/index.js';
import { topic, type WorkerBus } from '../../core/worker-bus.js';
import type { RouteTable } from '../../routing/index.js';
import type { SealedSession, SessionStore } from '../../session/index.js';
import type { LegacyReceiver } from '../legacy-receiver.js';
import type { Fellows, Stray } from '../fellows.js';

/** How long other workers may take to say whether a message was for them. Milliseconds. */
const WITHIN_MS = 2_000;

/** A message of a session which is about nothing where it arrived. The answer is whether it was about something there. */
const MESSAGE_STRAYED = topic<StrayedMessage, boolean>('message.strayed');

interface StrayedMessage {
  readonly token: string;
  /** Of the route of the session. */
  readonly path: string;
  readonly frame: Uint8Array;
}

/** What this worker does with such messages. */
export interface ElsewhereParts {
  readonly bus: WorkerBus;
  readonly sessions: Pick<SessionStore, 'peek'>;
  readonly routes: RouteTable;
  readonly receiver: Pick<LegacyReceiver, 'settle'>;
  readonly scanLimits: (revision: string | undefined) => ScanLimits;
}

/**
 * Brings what nobody answers (cancellations, progress, answers to questions) to the worker that has the request or
 * the question it is about: all are told, because a client may ask of each, and say the rest to any other.
 */
export class Elsewhere {
  constructor(private readonly parts: ElsewhereParts) {
    parts.bus.on(MESSAGE_STRAYED, (message) => this.take(message));
  }

  /** The other workers, for one message of a session. @param path of its route */
  fellowsOf(session: SealedSession, path: string): Fellows {
    const isHome = session.home === undefined;
    return { isHome, tell: (message, missed) => void this.tell({ session, path, message }, missed) };
  }

  private async tell(
    { session: { token }, path, message }: { session: SealedSession; path: string; message: Stray },
    missed: () => void,
  ): Promise<void> {
    const { bus } = this.parts;
    const strayed: StrayedMessage = { token, path, frame: frameOf(message) };
    const asked = bus
      .workers()
      .filter(({ id }) => id !== bus.self.id)
      .map(({ id }) => bus.ask(MESSAGE_STRAYED, strayed, id, WITHIN_MS).catch(() => false));
    if (!(await Promise.all(asked)).includes(true)) missed();
  }

  private take({ token, path, frame }: StrayedMessage): boolean {
    const { sessions, routes, receiver, scanLimits } = this.parts;
    const session = sessions.peek(token);
    if (!session) return false;
    const incoming = scan(Buffer.from(frame.buffer, frame.byteOffset, frame.length), scanLimits(session.peer.revision));
    const isStray = incoming.kind === 'reply' || incoming.kind === 'notification';
    const fellows: Fellows = { isHome: session.home === undefined, tell: () => undefined };
    return isStray && receiver.settle(incoming, { session, route: routes.find(path), fellows });
  }
}

function frameOf(message: Stray): Buffer {
  return message.kind === 'reply'
    ? replyFrame(message.id.bytes, message.reply)
    : notificationFrame(message.method, message.params?.bytes);
}
