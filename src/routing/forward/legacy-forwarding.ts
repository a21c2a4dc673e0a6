import { isInputRequired, SteadyProgress, type AskingResult, type Rounds } from '../../bridge/index.js';
import { GatewayError } from '../../core/errors.js';
import type { McpReply, McpRequest } from '../../core/message.js';
import { refuseTask } from '../tasks/extension.js';
import { concernsTask } from '../tasks/task-relay.js';
import { delivered } from './delivery.js';
import { prefer, type ForwardCall } from './forward-call.js';

/** Requests of legacy clients for groups with modern servers: what the servers ask for, the clients are asked. */
export class LegacyForwarding {
  constructor(private readonly rounds: Pick<Rounds, 'settle'>) {}

  /** @throws as `Group.send`, and as `Rounds.settle` */
  forward(call: ForwardCall): Promise<McpReply> {
    try {
      return this.begin(call);
    } catch (thrown) {
      return Promise.reject(GatewayError.from(thrown));
    }
  }

  private begin(call: ForwardCall): Promise<McpReply> {
    const { exchange, member } = call;
    const isOfTask = concernsTask(call.request);
    const request = isOfTask ? member.restoreTask(call.request, exchange) : call.request;
    const exposing = member.relayTo(call.relay);
    const progress = exchange.wantsProgress ? new SteadyProgress(exposing) : undefined;
    const sending: ForwardCall = { request, exchange, relay: progress?.relay ?? exposing, member };
    return delivered(sending, member.holder).then((reply) =>
      isInputRequired(request.method, reply)
        ? this.settle(reply, sending, progress).then((last) => shown(last, sending))
        : shown(reply, sending),
    );
  }

  /** What the server asks for is asked of the client, until it has all that it needs. */
  private settle(first: AskingResult, sending: ForwardCall, progress: SteadyProgress | undefined): Promise<McpReply> {
    const { request, exchange, relay, member } = sending;
    const send = (again: McpRequest): Promise<McpReply> => {
      progress?.again();
      prefer(exchange, exchange.server?.server);
      return delivered({ request: again, exchange, relay, member }, member.holder);
    };
    return this.rounds.settle(first, { request, exchange, relay, send });
  }
}

/** A reply as the route shows it. */
function shown(reply: McpReply, { request, exchange, member }: ForwardCall): McpReply {
  refuseTask(reply);
  return concernsTask(request)
    ? member.exposeTask(request, reply, exchange)
    : member.exposeReply(request.method, reply);
}
