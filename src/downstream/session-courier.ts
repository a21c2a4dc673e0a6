import { Injectable } from '@nestjs/common';

import type { InterimMessage } from '../core/message.js';
import { notificationFrame } from '../protocol/index.js';
import type { Courier, PendingInput, Session } from '../session/index.js';
import { InputCourier, type InputOwner } from './input-courier.js';
import { isLogWanted } from './log-level.js';

/** Tokens and ids in these are those of another leg. */
const BOUND_TO_A_REQUEST: ReadonlySet<string> = new Set(['notifications/progress', 'notifications/cancelled']);

/**
 * Brings to a session what belongs to none of its requests: on its voice, and nowhere else, so that nobody gets
 * a message twice. What a server needs to know may also go with the answer to a request, when there is no voice.
 */
@Injectable()
export class SessionCourier implements Courier {
  constructor(private readonly inputs: InputCourier) {}

  deliver(message: InterimMessage, session: Session): void {
    if (message.kind === 'request') {
      return this.inputs.ask(message, session, new SessionInput(session));
    }
    const { method, params } = message;
    if (BOUND_TO_A_REQUEST.has(method)) return;
    if (method === 'notifications/message' && !isLogWanted(message, session.logLevel)) return;
    session.voice?.send(notificationFrame(method, params?.bytes));
  }
}

/**
 * What a client is asked for the sake of any of its requests, as the server does not say which. Meanwhile the time
 * of all of them stands still, of those as well that begin before the client has answered.
 */
class SessionInput implements InputOwner {
  constructor(private readonly session: Session) {}

  carry(frame: Buffer): boolean {
    const { voice, inFlight } = this.session;
    if (!voice) return inFlight.values().some((exchange) => exchange.carry(frame));
    voice.send(frame);
    return true;
  }

  opened(input: PendingInput): void {
    this.session.inputs.unbind(input);
    for (const exchange of this.session.inFlight.values()) exchange.standStill(input);
  }

  closed(input: PendingInput, answered: boolean): void {
    for (const exchange of this.session.inFlight.values()) exchange.goOn(input, answered);
  }
}
