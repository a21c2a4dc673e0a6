import { Inject, Injectable, Optional } from '@nestjs/common';

import { RequestStates } from '../../bridge/index.js';
import { GatewayError } from '../../core/errors.js';
import type { Era } from '../../core/peer.js';
import { NULL_ID, replyFrame, Violation, type Incoming } from '../../protocol/index.js';
import type { Delivery } from '../delivery/delivery.js';
import { DELIVERY } from '../delivery/delivery.token.js';
import type { ModernLeg } from '../modern/modern-leg.js';
import { ModernReceiver } from '../modern/modern-receiver.js';
import type { HttpCall } from './http-call.js';
import { KeepAlive } from './keep-alive.js';
import { acceptance } from './media.js';
import { MessageStreams } from './message-streams.js';
import { ModernResponse } from './modern-response.js';
import { sendJson } from './refusal.js';

/** A POST that was read. */
export interface ModernArrival {
  readonly call: HttpCall;
  readonly body: Buffer;
}

/** POST of Streamable HTTP for modern downstreams: one message, which has no session, whatever its headers say. */
@Injectable()
export class ModernPost {
  constructor(
    private readonly receiver: ModernReceiver,
    private readonly streams: MessageStreams,
    private readonly keepAlives: KeepAlive,
    private readonly states: RequestStates,
    @Optional() @Inject(DELIVERY) private readonly delivery: Delivery | null,
  ) {}

  /** @param verdict whether it is a modern message, or why it is none of any era */
  take(incoming: Incoming, verdict: Era | Violation, arrival: ModernArrival): void {
    const { delivery } = this;
    const owner = delivery ? this.parkedAt(incoming, arrival.call) : undefined;
    if (!delivery || owner === undefined) return this.serve(incoming, verdict, arrival.call);
    delivery.bringParked(owner, arrival, {
      here: () => this.serve(incoming, verdict, arrival.call),
      failed: (error) => refuseMessage(incoming, arrival.call, error),
    });
  }

  /** Id of the process that has the call which a message brings answers for. Undefined where it brings none. */
  private parkedAt(incoming: Incoming, { principal }: HttpCall): string | undefined {
    if (incoming.kind !== 'request' || !incoming.params?.spans.requestState) return undefined;
    return this.states.parkedAt(incoming.params.text('requestState'), principal);
  }

  private serve(incoming: Incoming, verdict: Era | Violation, call: HttpCall): void {
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

function refuseMessage(incoming: Incoming, { response }: HttpCall, error: GatewayError): void {
  const id = incoming.kind === 'request' ? incoming.id.bytes : NULL_ID;
  sendJson(response, error.traits.modern.http, replyFrame(id, error.toReply('modern')), error);
}

function isListen(incoming: Incoming): boolean {
  return incoming.kind === 'request' && incoming.method === 'subscriptions/listen';
}
