import type { IncomingHttpHeaders } from 'node:http';

import type { Principal } from '../../core/principal.js';
import type { Route } from '../../routing/index.js';
import type { Session } from '../../session/index.js';
import type { Leg } from '../leg.js';

/** Where modern messages come in: a connection, or one POST. */
export interface ModernLeg {
  readonly principal: Principal;
  /** The connection that all its messages share. Undefined over HTTP: a POST stands for itself, whatever headers it has. */
  readonly session: Session | undefined;
  /** The route of the running generation. Undefined when a reload took it away. */
  readonly route: Route | undefined;
  /** Name of the route that the downstream came by. */
  readonly routeName: string;
  readonly clientAddress: string;
  /** What came with the message. Undefined on wires that have no headers. */
  readonly headers: IncomingHttpHeaders | undefined;
  /** Whether all replies share one wire, where nothing but the id tells them apart. */
  readonly duplex: boolean;
}

/** A leg on which legacy messages come in as well, where there are no headers. */
export function modernLegOf({ session, route, routeName, clientAddress, duplex }: Leg): ModernLeg {
  return { principal: session.principal, session, route, routeName, clientAddress, headers: undefined, duplex };
}
