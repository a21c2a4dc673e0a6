import type { InputRequest, McpReply, Params } from '../core/message.js';
import {
  cancelledParams,
  notificationFrame,
  readParams,
  requestedToken,
  requestFrame,
  withToken,
} from '../protocol/index.js';

/** How a question gets to the client, and who has to know what becomes of it. */
export interface InputPath {
  /** Sends a frame to the client. False where it cannot be told anything. */
  carry(frame: Buffer): boolean;
  /** It is over. Called once, before the asker hears of it. @param answered whether by the client */
  closed(answered: boolean): void;
}

/** What the id and the deadline of a question are. */
export interface InputTerms {
  /** Of the gateway's making, and unique: no other session knows it. Stands for the progress token as well. */
  readonly id: string;
  /** Monotonic milliseconds. */
  readonly deadline: number;
}

/**
 * A question that a client was asked under an id of ours, until it has answered. It ends in exactly one way:
 * answered, withdrawn by the asker, or refused in the client's place. What is said of it later is said to nobody.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/cancellation
 */
export class PendingInput {
  readonly id: string;
  readonly deadline: number;
  private asked = false;
  private over = false;
  private progress = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly request: InputRequest,
    terms: InputTerms,
    private readonly path: InputPath,
  ) {
    this.id = terms.id;
    this.deadline = terms.deadline;
  }

  /** Asks the client, unless the question was withdrawn before. Where nothing leads to it, that is refused at once. */
  ask(): void {
    this.request.onWithdrawn((reason) => this.withdraw(reason));
    if (this.over) return;
    this.asked = this.path.carry(requestFrame(this.id, this.request.method, this.ownParams()));
    if (!this.asked) this.refuse();
  }

  answered(reply: McpReply): void {
    if (this.close(true)) this.request.answered(reply);
  }

  /** @param params of a `notifications/progress` of the client's. False when nobody wants to know. */
  progressed(params: Params): boolean {
    const token = requestedToken(this.request.params);
    const { progress } = params.object();
    if (this.over || !token || typeof progress !== 'number' || progress <= this.progress) return false;
    this.progress = progress;
    this.request.progressed(readParams(withToken(params, token)));
    return true;
  }

  /** Answers in the client's place that it cannot be asked, and tells the client that nobody waits any more. */
  refuse(reason?: string): void {
    if (!this.close()) return;
    this.takeBack(reason);
    this.request.refused();
  }

  private withdraw(reason: string | undefined): void {
    if (this.close()) this.takeBack(reason);
  }

  private takeBack(reason: string | undefined): void {
    if (!this.asked) return;
    this.path.carry(notificationFrame('notifications/cancelled', cancelledParams(this.id, reason)));
  }

  /** The asker's token belongs to its leg: on ours the id takes its place. */
  private ownParams(): Buffer | undefined {
    const { params } = this.request;
    const at = params?.spans.progressToken;
    return at ? params.spliced([{ at, bytes: Buffer.from(JSON.stringify(this.id)) }]) : params?.bytes;
  }

  /** True the first time. */
  private close(answered = false): boolean {
    if (this.over) return false;
    this.over = true;
    this.path.closed(answered);
    return true;
  }
}
