import type { RequestId } from '../core/message.js';
import { type Incoming, type IncomingBatch, ReplyFrame, Violation } from '../protocol/index.js';
import type { Outlet } from './outlet.js';

/** Why a whole batch is refused, if it is. */
export function batchProblem({ messages }: IncomingBatch): Violation | undefined {
  if (messages.some((message) => message.kind === 'request' && message.method === 'initialize')) {
    return malformed('initialize must not be batched');
  }
  const replies = messages.some((message) => message.kind === 'reply');
  const asks = messages.some((message) => message.kind === 'request');
  return replies && asks ? malformed('a batch holds requests or replies, not both') : undefined;
}

/**
 * The messages of a batch as they are to be taken: a second request under the id of an earlier one is refused
 * without it, because all replies stand in one array and the id would complete the first.
 */
export function batchMessages({ messages }: IncomingBatch): IncomingBatch['messages'] {
  const ids = new Set<RequestId>();
  return messages.map((message) => {
    if (message.kind !== 'request') return message;
    const { value } = message.id;
    if (ids.has(value)) return { kind: 'malformed', error: duplicateId(value), id: undefined };
    ids.add(value);
    return message;
  });
}

/** Why a request is refused whose id is in use. */
export function duplicateId(id: RequestId): Violation {
  return new Violation('request_id_in_use', 'duplicate request id', { id });
}

/** Gathers the replies to one batch and sends them as one array, in the order of the requests. */
export class BatchReplies {
  private readonly frames: (Buffer | undefined)[] = [];
  private open: number;

  constructor(
    { messages }: IncomingBatch,
    private readonly outlet: Outlet,
  ) {
    this.open = messages.filter(isAnswered).length;
  }

  /** Where the answer to the next message goes. To be called for every message, in order. */
  next(message: Incoming): Outlet {
    const place = this.frames.length;
    if (isAnswered(message)) this.frames.push(undefined);
    const { outlet } = this;
    return {
      flow: outlet.flow,
      get carriesInterim() {
        return outlet.carriesInterim;
      },
      started: (request) => outlet.started(request),
      interim: (frame) => outlet.interim(frame),
      reply: (frame) => this.fill(place, frame.bytes),
      nothing: () => this.fill(place, undefined),
    };
  }

  private fill(place: number, frame: Buffer | undefined): void {
    this.frames[place] = frame;
    this.open--;
    if (this.open > 0) return;
    const replies = this.frames.filter((reply) => reply !== undefined);
    if (replies.length === 0) this.outlet.nothing();
    else this.outlet.reply(ReplyFrame.whole(arrayOf(replies)), undefined);
  }
}

/** Whether a message gets a reply. */
function isAnswered({ kind }: Incoming): boolean {
  return kind === 'request' || kind === 'malformed';
}

function arrayOf(frames: readonly Buffer[]): Buffer {
  const comma = Buffer.from(',');
  const parts = frames.flatMap((frame, index) => (index === 0 ? [frame] : [comma, frame]));
  return Buffer.concat([Buffer.from('['), ...parts, Buffer.from(']')]);
}

function malformed(detail: string): Violation {
  return new Violation('batch', detail);
}
