import type { Pausable } from '../../valve.js';
import type { ResponseControl, ResponseListener } from './response-listener.js';

/** What a request is under way on. */
interface Carrier extends Pausable {
  destroy(): void;
}

/** One request that was dispatched, until its response is in. */
export class Dispatched implements ResponseControl {
  /** Undefined before it is sent, and when it is over. */
  connection: Carrier | undefined;
  /** Until a connection is found for it. */
  isWaiting = true;
  private over = false;

  /**
   * @param head as it is sent
   * @param settled told once, when it is over
   */
  constructor(
    readonly head: string,
    public body: Buffer | undefined,
    readonly listener: ResponseListener,
    private readonly settled: (dispatched: Dispatched) => void,
  ) {}

  get isOver(): boolean {
    return this.over;
  }

  pause(): void {
    this.connection?.pause();
  }

  resume(): void {
    this.connection?.resume();
  }

  abort(reason: Error): void {
    this.fail(reason);
  }

  /** It has its response. */
  end(): void {
    if (!this.finish()) return;
    try {
      this.listener.onResponseEnd();
    } catch (thrown) {
      this.listener.onResponseError(this, thrown as Error);
    }
  }

  /** There will be no response, or not all of it. */
  fail(cause: Error): void {
    const { connection } = this;
    if (!this.finish()) return;
    connection?.destroy();
    this.listener.onResponseError(this, cause);
  }

  /** False where it was over before. */
  private finish(): boolean {
    if (this.over) return false;
    this.over = true;
    this.connection = this.body = undefined;
    this.settled(this);
    return true;
  }
}
