import { Inject, Injectable } from '@nestjs/common';

import { CLOCK, type Clock } from '../core/clock.js';
import { Events, type DownstreamTransport } from '../core/events.js';
import type { ConnectionRegistry, ConnectionView } from '../core/views.js';
import type { Session } from '../session/index.js';

/** A downstream that is here: a WebSocket connection, or a session over HTTP. */
export interface Connected {
  readonly session: Session;
  readonly transport: DownstreamTransport;
  readonly routeName: string;
  readonly clientAddress: string;
  /** An operator wants it gone. */
  close(): void;
  /** The gateway goes away: nothing new is taken, what is in flight may still be answered. */
  drain(): void;
}

interface Entry {
  readonly connected: Connected;
  /** Milliseconds since 1970. */
  readonly openedAt: number;
}

/** Everybody who is connected, by the id of their stay. */
@Injectable()
export class Connections implements ConnectionRegistry {
  private readonly connected = new Map<string, Entry>();
  private websocketCount = 0;

  constructor(
    private readonly events: Events,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** How many WebSocket connections are open. */
  get websockets(): number {
    return this.websocketCount;
  }

  /** Enters one until its session ends. */
  open(connected: Connected): void {
    const { session, transport } = connected;
    const { id } = session;
    if (this.connected.has(id)) return;
    this.connected.set(id, { connected, openedAt: this.clock.wall() });
    if (transport === 'websocket') this.websocketCount++;
    this.events.emit('connection.opened', { transport, id });
    session.onEnd(() => {
      this.connected.delete(id);
      if (transport === 'websocket') this.websocketCount--;
      this.events.emit('connection.closed', { transport, id });
    });
  }

  list(): readonly ConnectionView[] {
    return [...this.connected.values()].map(viewOf);
  }

  close(id: string): boolean {
    const entry = this.connected.get(id);
    entry?.connected.close();
    return entry !== undefined;
  }

  all(): readonly Connected[] {
    return [...this.connected.values()].map(({ connected }) => connected);
  }
}

function viewOf({ connected, openedAt }: Entry): ConnectionView {
  const { session, transport, routeName, clientAddress } = connected;
  return {
    id: session.id,
    transport,
    route: routeName,
    clientAddress,
    revision: session.peer?.revision,
    client: session.peer && `${session.peer.info.name} ${session.peer.info.version}`.trim(),
    principal: session.principal.subject,
    openedAt,
    pending: session.inFlight.size,
    requests: session.requests,
  };
}
