import { cancelledReason, cancelledRequest, type IncomingNotification } from '../protocol/index.js';
import type { Leg } from './leg.js';

/** Who says something, and who else may know what it is about. */
export type Teller = Pick<Leg, 'session' | 'route' | 'fellows'>;

/**
 * Takes what a legacy downstream says without waiting for an answer. What nobody knows is nobody's concern.
 *
 * @returns false when it is about something that is not here
 */
export function takeNotice({ method, params }: IncomingNotification, { session, route, fellows }: Teller): boolean {
  switch (method) {
    case 'notifications/cancelled': {
      const id = cancelledRequest(params);
      const exchange = id === undefined ? undefined : session.inFlight.get(id);
      exchange?.cancel(cancelledReason(params));
      return exchange !== undefined;
    }
    case 'notifications/progress':
      return session.inputs.progressed(params);
    case 'notifications/roots/list_changed':
      if (fellows?.isHome === false) return false;
      if (session.peer) route?.notify(method, params, session);
      return true;
    default:
      return true;
  }
}
