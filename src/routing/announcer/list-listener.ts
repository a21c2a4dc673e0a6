import type { Stay } from '../../core/exchange.js';
import type { ListKind } from '../../upstream/index.js';

/** A downstream that listens for changes of lists, whether or not it ever asked for one of them. */
export interface ListListener {
  /** Name of the route. */
  readonly route: string;
  readonly stay: Stay;
  /** One of the lists that it listens for is not what it was. */
  listChanged(kind: ListKind): void;
}
