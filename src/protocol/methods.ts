/** A request that a client may send to a server. */
export interface Method {
  readonly name: string;
  /** Who answers: the gateway itself, the one group that owns what is named, or every group of the route. */
  readonly reach: 'local' | 'one' | 'every';
  /** The member of params that says what the request is about. Absent where it is about nothing in particular. */
  readonly namedBy?: 'name' | 'uri' | 'ref' | 'taskId';
  /** What a server must have declared to be asked; after a dot, a member of that capability. */
  readonly capability?: string;
  /**
   * Whether it may be sent again: `always`, because it changes nothing or the same thing, or only while it
   * is `unsent`, because a tool may do its work twice, and a task that was cancelled cannot be cancelled again.
   */
  readonly retry: 'always' | 'unsent';
  /** The list it asks for a page of. */
  readonly list?: 'tools' | 'prompts' | 'resources' | 'templates' | 'tasks';
}

const ROWS: readonly Method[] = [
  { name: 'initialize', reach: 'local', retry: 'unsent' },
  { name: 'server/discover', reach: 'local', retry: 'always' },
  { name: 'subscriptions/listen', reach: 'local', retry: 'always' },
  { name: 'ping', reach: 'local', retry: 'always' },
  { name: 'tools/list', reach: 'every', capability: 'tools', retry: 'always', list: 'tools' },
  { name: 'tools/call', reach: 'one', namedBy: 'name', capability: 'tools', retry: 'unsent' },
  { name: 'prompts/list', reach: 'every', capability: 'prompts', retry: 'always', list: 'prompts' },
  { name: 'prompts/get', reach: 'one', namedBy: 'name', capability: 'prompts', retry: 'always' },
  { name: 'resources/list', reach: 'every', capability: 'resources', retry: 'always', list: 'resources' },
  { name: 'resources/templates/list', reach: 'every', capability: 'resources', retry: 'always', list: 'templates' },
  { name: 'resources/read', reach: 'one', namedBy: 'uri', capability: 'resources', retry: 'always' },
  { name: 'resources/subscribe', reach: 'one', namedBy: 'uri', capability: 'resources.subscribe', retry: 'always' },
  { name: 'resources/unsubscribe', reach: 'one', namedBy: 'uri', capability: 'resources.subscribe', retry: 'always' },
  { name: 'completion/complete', reach: 'one', namedBy: 'ref', capability: 'completions', retry: 'always' },
  { name: 'logging/setLevel', reach: 'every', capability: 'logging', retry: 'always' },
  { name: 'tasks/get', reach: 'one', namedBy: 'taskId', capability: 'tasks', retry: 'always' },
  { name: 'tasks/result', reach: 'one', namedBy: 'taskId', capability: 'tasks', retry: 'always' },
  { name: 'tasks/update', reach: 'one', namedBy: 'taskId', capability: 'tasks', retry: 'always' },
  { name: 'tasks/cancel', reach: 'one', namedBy: 'taskId', capability: 'tasks.cancel', retry: 'unsent' },
  { name: 'tasks/list', reach: 'every', capability: 'tasks.list', retry: 'always', list: 'tasks' },
];

/** Every request of a client that the gateway knows how to route, by name. */
export const METHODS: ReadonlyMap<string, Method> = new Map(ROWS.map((method) => [method.name, method]));

/** What came with the modern era, and no revision with a handshake knows. */
export const MODERN_METHODS: ReadonlySet<string> = new Set(['server/discover', 'subscriptions/listen', 'tasks/update']);

/** What the capability `tasks` stands for: how a client follows what it asked a server to do meanwhile. */
export const TASK_METHODS: ReadonlySet<string> = new Set(
  ROWS.filter(({ name, capability }) => capability?.split('.')[0] === 'tasks' && !MODERN_METHODS.has(name)).map(
    ({ name }) => name,
  ),
);
