import { cancelledReason, cancelledRequest, type IncomingNotification } from '../protocol/index.js';
import type { Leg } from './leg.js';

/**
 * Takes what a legacy downstream says without waiting for an answer. What nobody knows is nobody's concern.
 *
 * @returns why it is dropped, when it is about something that is not there
 */
export function takeNotice({ method, params }: IncomingNotification, { session, route }: Leg): string | undefined {
  switch (method) {
    case 'notifications/cancelled': {
      const id = cancelledRequest(params);
      // An answer may have crossed it.
      if (id !== undefined) session.inFlight.get(id)?.cancel(cancelledReason(params));
      return undefined;
    }
    case 'notifications/progress':
      return session.inputs.progressed(params) ? undefined : 'stray_progress';
    case 'notifications/roots/list_changed':
      if (session.peer) route?.notify(method, params, session);
      return undefined;
    default:
      return undefined;
  }
}
