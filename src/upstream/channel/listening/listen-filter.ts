import { isObject, type JsonObject } from '../../../core/json.js';
import type { Params } from '../../../core/message.js';
import { readParams } from '../../../protocol/index.js';
import type { ListKind } from '../../list-kind.js';

/** What asks for the changes of each list. */
const FIELDS: ReadonlyMap<ListKind, string> = new Map([
  ['tools', 'toolsListChanged'],
  ['prompts', 'promptsListChanged'],
  ['resources', 'resourcesListChanged'],
]);

/**
 * What a listen is about: lists, and resources by their URIs.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions
 */
export class ListenFilter {
  static readonly NOTHING = new ListenFilter(new Set(), new Set());

  constructor(
    readonly lists: ReadonlySet<ListKind>,
    readonly uris: ReadonlySet<string>,
  ) {}

  /** The lists of which a server says that it tells when they change. */
  static listsOf(capabilities: JsonObject): ReadonlySet<ListKind> {
    const told = [...FIELDS.keys()].filter((kind) => {
      const capability = capabilities[kind];
      return isObject(capability) && capability['listChanged'] === true;
    });
    return new Set(told);
  }

  get isEmpty(): boolean {
    return this.lists.size === 0 && this.uris.size === 0;
  }

  /** What of this is not in the other. */
  without(other: ListenFilter): ListenFilter {
    return new ListenFilter(
      new Set([...this.lists].filter((kind) => !other.lists.has(kind))),
      new Set([...this.uris].filter((uri) => !other.uris.has(uri))),
    );
  }

  /** What of this is honoured. @param params of the acknowledgement */
  honouredBy(params: Params | undefined): ListenFilter {
    const { notifications } = params?.object() ?? {};
    if (!isObject(notifications)) return ListenFilter.NOTHING;
    const { resourceSubscriptions } = notifications;
    const uris = new Set<unknown>(Array.isArray(resourceSubscriptions) ? resourceSubscriptions : []);
    return new ListenFilter(
      new Set([...this.lists].filter((kind) => notifications[FIELDS.get(kind) ?? kind] === true)),
      new Set([...this.uris].filter((uri) => uris.has(uri))),
    );
  }

  /** Params of the `subscriptions/listen` that asks for it. */
  params(): Params {
    const notifications: JsonObject = Object.fromEntries(
      [...this.lists].map((kind) => [FIELDS.get(kind) ?? kind, true]),
    );
    if (this.uris.size > 0) notifications['resourceSubscriptions'] = [...this.uris];
    return readParams(Buffer.from(JSON.stringify({ notifications })));
  }
}
