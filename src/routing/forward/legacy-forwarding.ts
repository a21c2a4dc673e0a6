import { isInputRequired, SteadyProgress, type Rounds } from '../../bridge/index.js';
import type { McpReply, McpRequest } from '../../core/message.js';
import { refuseTask } from '../tasks/extension.js';
import { concernsTask } from '../tasks/task-relay.js';
import { delivered } from './delivery.js';
import { prefer, type ForwardCall } from './forward-call.js';

/** Requests of legacy clients for groups with modern servers: what the servers ask for, the clients are asked. */
export class LegacyForwarding {
  constructor(private readonly rounds: Pick<Rounds, 'settle'>) {}

  /** @throws as `Group.send`, and as `Rounds.settle` */
  async forward(call: ForwardCall): Promise<McpReply> {
    const { exchange, member } = call;
    const isOfTask = concernsTask(call.request);
    const request = isOfTask ? member.restoreTask(call.request, exchange) : call.request;
    const exposing = member.relayTo(call.relay);
    const progress = exchange.wantsProgress ? new SteadyProgress(exposing) : undefined;
    const relay = progress?.relay ?? exposing;
    const send = (each: McpRequest) => delivered({ request: each, exchange, relay, member }, member.holder);
    const first = await send(request);
    const reply = isInputRequired(request.method, first)
      ? await this.rounds.settle(first, {
          request,
          exchange,
          relay,
          send: (again) => {
            progress?.again();
            prefer(exchange, exchange.server?.server);
            return send(again);
          },
        })
      : first;
    refuseTask(reply);
    return isOfTask ? member.exposeTask(request, reply, exchange) : member.exposeReply(request.method, reply);
  }
}
