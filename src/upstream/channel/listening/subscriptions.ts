import type { CancelListener } from '../../../core/cancellation.js';
import type { Clock } from '../../../core/clock.js';
import { DeadlineSweep } from '../../../core/deadline-sweep.js';
import { CancelledError, GatewayError } from '../../../core/errors.js';
import { errorReply, result, type McpReply } from '../../../core/message.js';
import type { Call } from '../call.js';

const DONE = result({});
const NOT_HONOURED = errorReply(-32602, 'The server does not tell when this resource changes');

/** A `resources/subscribe` that waits for the server to honour it. */
class Waiting implements CancelListener {
  constructor(
    readonly uri: string,
    readonly call: Call,
    private readonly cancelled: (waiting: Waiting) => void,
  ) {}

  get deadline(): number {
    return this.call.deadline;
  }

  handleEvent(): void {
    this.cancelled(this);
  }
}

/** The resources of one server that are subscribed to, and whoever waits for that. Every call gets one answer. */
export class Subscriptions {
  /** Those that the server has honoured once, and that nobody has given up since. */
  private readonly confirmed = new Set<string>();
  private readonly waiting = new Set<Waiting>();
  private readonly sweep: DeadlineSweep<Waiting>;

  /** @param shrunk hears that less may be wanted */
  constructor(
    clock: Clock,
    private readonly shrunk: () => void,
  ) {
    this.sweep = new DeadlineSweep(
      clock,
      () => this.waiting,
      (late) => this.giveUp(late, new GatewayError('upstream_timeout', 'the server did not answer in time')),
    );
  }

  get isAwaited(): boolean {
    return this.waiting.size > 0;
  }

  /** What has to be listened for. */
  uris(): Set<string> {
    const all = new Set(this.confirmed);
    for (const { uri } of this.waiting) all.add(uri);
    return all;
  }

  isConfirmed(uri: string): boolean {
    return this.confirmed.has(uri);
  }

  /** The server tells of it already. */
  confirm(uri: string, call: Call): void {
    this.confirmed.add(uri);
    call.done(DONE);
  }

  /** The server tells of nothing at all. */
  refuse(uri: string, call: Call): void {
    this.confirmed.delete(uri);
    call.done(NOT_HONOURED);
  }

  wait(uri: string, call: Call): void {
    const { signal } = call;
    if (signal?.aborted) return call.failed(new CancelledError());
    const waiting = new Waiting(uri, call, (cancelled) => this.giveUp(cancelled, new CancelledError()));
    this.waiting.add(waiting);
    this.sweep.watch(call.deadline);
    signal?.addEventListener('abort', waiting);
  }

  /** Nobody is subscribed any more; who was still waiting is told that it was. */
  remove(uri: string): void {
    this.confirmed.delete(uri);
    this.answer((waiting) => waiting.uri === uri, DONE);
  }

  /** It is known of these whether the server honours them. */
  decided(asked: ReadonlySet<string>, honoured: ReadonlySet<string>): void {
    for (const { uri } of this.waiting) {
      if (honoured.has(uri)) this.confirmed.add(uri);
      else if (asked.has(uri)) this.confirmed.delete(uri);
    }
    this.answer(({ uri }) => honoured.has(uri), DONE);
    this.answer(({ uri }) => asked.has(uri) && !honoured.has(uri), NOT_HONOURED);
  }

  /** Whoever waits does so in vain. */
  close(error: GatewayError): void {
    this.sweep.close();
    for (const each of this.waiting) if (this.release(each)) each.call.failed(error);
  }

  private answer(which: (waiting: Waiting) => boolean, reply: McpReply): void {
    const answered = [...this.waiting].filter((each) => which(each) && this.release(each));
    for (const { call } of answered) call.done(reply);
  }

  private giveUp(waiting: Waiting, error: GatewayError): void {
    if (!this.release(waiting)) return;
    waiting.call.failed(error);
    this.shrunk();
  }

  /** True the first time. */
  private release(waiting: Waiting): boolean {
    waiting.call.signal?.removeEventListener('abort', waiting);
    return this.waiting.delete(waiting);
  }
}
