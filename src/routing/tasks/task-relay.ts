import { Injectable } from '@nestjs/common';

import { JsonBytes } from '../../core/json.js';
import { InputRequest, type InterimMessage, type McpReply, type McpRequest, type Params } from '../../core/message.js';
import { Sealer } from '../../core/sealed.js';
import { readParams, TASK_STATUS } from '../../protocol/index.js';
import { isTask } from './extension.js';
import { TaskIds, type TaskOwner } from './task-ids.js';
import { TaskLedger } from './task-ledger.js';
import { mayHoldTask, TaskSplices } from './task-splices.js';

/** Whether the reply to a request may say anything of a task: that of no other is looked at. */
export function concernsTask({ method, params }: McpRequest): boolean {
  return method === 'tools/call' ? params?.spans.task !== undefined : method.startsWith('tasks/');
}

/** Who may know a task. */
type Asker = Pick<TaskOwner, 'principal' | 'era'>;

/** Gives the tasks of servers the ids under which clients know them, and takes those back, in whatever is relayed. */
@Injectable()
export class TaskRelay {
  readonly ids: TaskIds;
  readonly ledger = new TaskLedger();

  constructor(sealer: Sealer) {
    this.ids = new TaskIds(sealer);
  }

  /** The reply of a server to a request that concerns a task, as the client is to get it. */
  exposeReply({ method, params }: McpRequest, reply: McpReply, owner: TaskOwner): McpReply {
    const { bytes } = reply.json;
    if (reply.kind === 'error' || !mayHoldTask(bytes)) return reply;
    if (isTask(reply)) return resultOf(new TaskSplices(bytes, (id) => this.ids.seal(id, owner)).task(), reply);
    if (method === 'tools/call') return resultOf(this.creating(bytes, owner).created().related(), reply);
    // Whoever asks under an id that was sealed with an older key goes on with that.
    const asked = params?.text('taskId');
    const known = asked === undefined ? undefined : this.ids.open(asked, owner)?.name;
    const splices = new TaskSplices(bytes, (id) => (id === known ? asked : this.ids.seal(id, owner)));
    return resultOf(method === 'tasks/result' ? splices.related() : splices.task().related(), reply);
  }

  /** What a server says meanwhile, as the client is to get it; what the client answers goes the other way. */
  exposeInterim(message: InterimMessage, owner: TaskOwner): InterimMessage {
    const { params } = message;
    if (!params || !mayHoldTask(params.bytes)) return message;
    const splices = new TaskSplices(params.bytes, (id) => this.ids.seal(id, owner)).related();
    if (message.method === TASK_STATUS) splices.task();
    const exposed = paramsOf(splices, params);
    if (exposed === params) return message;
    if (message.kind === 'notification') return { ...message, params: exposed };
    return new InputRequest(message.method, exposed, {
      answered: (reply) => message.answered(this.restoreReply(reply, owner)),
      refused: () => message.refused(),
      progressed: (progress) => message.progressed(this.restoreParams(progress, owner)),
      onWithdrawn: (callback) => message.onWithdrawn(callback),
    });
  }

  /** A request as the server is to get it, as far as it says to which task it belongs. */
  restoreRequest(request: McpRequest, asker: Asker): McpRequest {
    const { params } = request;
    if (!params?.spans.meta) return request;
    const restored = this.restoreParams(params, asker);
    return restored === params ? request : request.withParams(restored);
  }

  private restoreParams(params: Params, asker: Asker): Params {
    return mayHoldTask(params.bytes) ? paramsOf(this.restoring(params.bytes, asker).related(), params) : params;
  }

  private restoreReply(reply: McpReply, asker: Asker): McpReply {
    const { bytes } = reply.json;
    if (reply.kind === 'error' || !mayHoldTask(bytes)) return reply;
    return resultOf(this.restoring(bytes, asker).related(), reply);
  }

  private creating(bytes: Buffer, owner: TaskOwner): TaskSplices {
    return new TaskSplices(bytes, (id) => {
      this.ledger.note(id, owner);
      return this.ids.seal(id, owner);
    });
  }

  private restoring(bytes: Buffer, asker: Asker): TaskSplices {
    return new TaskSplices(bytes, (id) => this.ids.open(id, asker)?.name);
  }
}

/** The same params where nothing in them differs; else with the spans of what stands in them now. */
function paramsOf(splices: TaskSplices, params: Params): Params {
  const bytes = splices.applied();
  return bytes === params.bytes ? params : readParams(bytes);
}

function resultOf(splices: TaskSplices, reply: McpReply): McpReply {
  const bytes = splices.applied();
  return bytes === splices.bytes ? reply : { ...reply, json: new JsonBytes(bytes) };
}
