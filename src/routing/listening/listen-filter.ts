import { isObject, type JsonObject, type JsonValue } from '../../core/json.js';
import type { McpRequest } from '../../core/message.js';
import type { ListKind } from '../../upstream/index.js';

/** What a downstream listens for, in the order in which it said so and without repetitions. */
export interface ListenFilter {
  readonly lists: readonly ListKind[];
  /** URIs of resources, in the words of the downstream. */
  readonly resources: readonly string[];
}

const LIST_MEMBERS: Readonly<Record<ListKind, string>> = {
  tools: 'toolsListChanged',
  prompts: 'promptsListChanged',
  resources: 'resourcesListChanged',
};

/** The filter in the params of a `subscriptions/listen`, which were checked where they came in. */
export function readFilter(request: McpRequest): ListenFilter {
  const { notifications } = request.object();
  const said = isObject(notifications) ? notifications : {};
  const kinds = Object.keys(LIST_MEMBERS) as ListKind[];
  return {
    lists: kinds.filter((kind) => said[LIST_MEMBERS[kind]] === true),
    resources: texts(said['resourceSubscriptions']),
  };
}

/** The same in the words of the protocol; what has nothing in it is left out. */
export function writeFilter({ lists, resources }: ListenFilter): JsonObject {
  return {
    ...Object.fromEntries(lists.map((kind) => [LIST_MEMBERS[kind], true])),
    ...(resources.length > 0 && { resourceSubscriptions: [...resources] }),
  };
}

function texts(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? [...new Set(value.filter((each) => typeof each === 'string'))] : [];
}
