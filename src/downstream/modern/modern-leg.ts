import type { Route } from '../../routing/index.js';
import type { Session } from '../../session/index.js';
import type { Place } from '../exchange-host.js';
import type { Leg } from '../leg.js';

/** Where modern messages come in: a connection, or one POST. */
export interface ModernLeg extends Place {
  /** The connection that all its messages share. Undefined over HTTP: a POST stands for itself, whatever headers it has. */
  readonly session: Session | undefined;
  /** The route of the running generation. Undefined when a reload took it away. */
  readonly route: Route | undefined;
  /** Whether all replies share one wire, where nothing but the id tells them apart. */
  readonly duplex: boolean;
}

/** A leg on which legacy messages come in as well, where there are no headers. */
export function modernLegOf(leg: Leg): ModernLeg {
  if (!leg.headers) return leg;
  const { session, route, routeName, clientAddress, principal, duplex } = leg;
  return { principal, session, route, routeName, clientAddress, headers: undefined, duplex };
}
