import { JsonBytes } from '../../core/json.js';
import type { Freshness } from '../../core/message.js';

/** A list as modern clients get it, again and again: what changes from one reply to the next is how long it may be kept. */
export class CompletedList {
  private last: { readonly ttlMs: number; readonly scope: string; readonly json: JsonBytes } | undefined;

  /**
   * @param meta its member `_meta`, with the key
   * @param rest its own members, with a comma before each and the closing brace behind the last
   */
  constructor(
    private readonly meta: string,
    private readonly rest: Buffer,
  ) {}

  /** The result, where it may be kept that long; the very same one for as long as that does not change. */
  as({ ttlMs, scope }: Freshness): JsonBytes {
    const { last } = this;
    if (last?.ttlMs === ttlMs && last.scope === scope) return last.json;
    const head = `{"resultType":"complete","ttlMs":${ttlMs},"cacheScope":"${scope}",${this.meta}`;
    const json = new JsonBytes(Buffer.concat([Buffer.from(head), this.rest]));
    this.last = { ttlMs, scope, json };
    return json;
  }
}
