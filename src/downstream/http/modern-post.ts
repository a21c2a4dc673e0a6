import { Injectable } from '@nestjs/common';

import type { Era } from '../../core/peer.js';
import { Violation, type Incoming } from '../../protocol/index.js';
import type { ModernLeg } from '../modern/modern-leg.js';
import { ModernReceiver } from '../modern/modern-receiver.js';
import type { HttpCall } from './http-call.js';
import { KeepAlive } from './keep-alive.js';
import { acceptance } from './media.js';
import { MessageStreams } from './message-streams.js';
import { ModernResponse } from './modern-response.js';

/** POST of Streamable HTTP for modern downstreams: one message, which has no session, whatever its headers say. */
@Injectable()
export class ModernPost {
  constructor(
    private readonly receiver: ModernReceiver,
    private readonly streams: MessageStreams,
    private readonly keepAlives: KeepAlive,
  ) {}

  /** @param verdict whether it is a modern message, or why it is none of any era */
  take(incoming: Incoming, verdict: Era | Violation, call: HttpCall): void {
    const wish = { accepts: acceptance(call.request.headers.accept), listens: isListen(incoming), call };
    const answer = new ModernResponse(call.response, wish, this.streams, this.keepAlives);
    if (verdict instanceof Violation) this.receiver.refuse(incoming, verdict, legOf(call), answer);
    else this.receiver.receive(incoming, legOf(call), answer);
  }
}

function legOf({ request, route, principal, clientAddress }: HttpCall): ModernLeg {
  return {
    principal,
    session: undefined,
    route,
    routeName: route.name,
    clientAddress,
    headers: request.headers,
    duplex: false,
  };
}

function isListen(incoming: Incoming): boolean {
  return incoming.kind === 'request' && incoming.method === 'subscriptions/listen';
}
