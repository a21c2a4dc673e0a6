import type { Exchange } from '../../core/exchange.js';
import type { Relay } from '../../core/filter.js';
import type { Splice } from '../../core/json.js';
import type { InterimMessage, InterimNotification } from '../../core/message.js';
import { valuesOf } from '../../core/walk.js';
import { readParams } from '../../protocol/index.js';

/**
 * The progress of one request that is sent several times, each time counting anew: to the client it only ever grows.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/progress
 */
export class SteadyProgress {
  /** How far it was when it was sent last. */
  private before = 0;
  private latest = 0;

  constructor(private readonly next: Relay) {}

  /** The request is sent again. */
  again(): void {
    this.before = this.latest;
  }

  /** Bound, because it stands for a relay. */
  readonly relay: Relay = (message: InterimMessage, exchange: Exchange) => {
    const isProgress = message.kind === 'notification' && message.method === 'notifications/progress';
    const passed = isProgress ? this.counted(message) : message;
    if (passed) this.next(passed, exchange);
  };

  /** Undefined for what would be a step back. */
  private counted(message: InterimNotification): InterimNotification | undefined {
    const { progress } = message.params?.object() ?? {};
    if (typeof progress !== 'number') return message;
    const reached = this.before + progress;
    const isStep = reached > this.latest;
    this.latest = Math.max(this.latest, reached);
    if (this.before === 0) return message;
    return isStep ? this.shifted(message) : undefined;
  }

  private shifted(message: InterimNotification): InterimNotification {
    const { params } = message;
    if (!params) return message;
    const splices = ['progress', 'total'].flatMap((key) =>
      valuesOf(params.bytes, key).flatMap((at): Splice[] => {
        const value: unknown = JSON.parse(params.bytes.toString('utf8', at[0], at[1]));
        return typeof value === 'number' ? [{ at, bytes: Buffer.from(JSON.stringify(this.before + value)) }] : [];
      }),
    );
    return { ...message, params: readParams(params.spliced(splices)) };
  }
}
