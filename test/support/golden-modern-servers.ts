import { SERVER_INFO } from './modern.ts';
import type { Json } from './raw-clients.ts';
import type { AskedModern, ModernAnswer } from './scripted-modern.ts';

export const CRM_CAPABILITIES: Json = {
  tools: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  prompts: {},
  completions: {},
  extensions: { 'io.modelcontextprotocol/tasks': {}, 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html'] } },
};

const ANY = { type: 'object' };
const QUERY = {
  type: 'object',
  properties: {
    region: { type: 'string', 'x-mcp-header': 'Region' },
    limit: { type: 'integer', 'x-mcp-header': 'Limit' },
    archived: { type: 'boolean', 'x-mcp-header': 'Archived' },
  },
};
const FIND = { type: 'object', properties: { q: { type: 'string' } }, required: ['q'] };
const CHART = { ui: { resourceUri: 'ui://chart' }, 'ui/resourceUri': 'ui://chart' };

export const CRM_TOOLS: readonly Json[] = [
  { name: 'find', description: 'Find a customer', inputSchema: FIND },
  { name: 'query', inputSchema: QUERY },
  ...['export', 'merge', 'ids', 'delete', 'slow'].map((name) => ({ name, inputSchema: ANY })),
  { name: 'chart', inputSchema: ANY, _meta: CHART },
];

const ASKS = {
  ok: {
    method: 'elicitation/create',
    params: {
      mode: 'form',
      message: 'Merge 1 into 2?',
      requestedSchema: { type: 'object', properties: { yes: { type: 'boolean' } }, required: ['yes'] },
    },
  },
};

type Calls = Readonly<Record<string, (asked: AskedModern, args: Json) => void>>;

const CALLS: Calls = {
  find: (asked, { q }) =>
    typeof q === 'string' ? asked.reply(text('ada')) : asked.reply({ isError: true, ...text('q must be a string') }),
  query: (asked, { limit }) => asked.reply(text(limit === undefined ? '9 rows' : '3 rows')),
  export: (asked) => {
    const { progressToken } = asked.meta;
    if (progressToken !== undefined) asked.say('notifications/progress', { progressToken, progress: 1, total: 2 });
    if (asked.meta['io.modelcontextprotocol/logLevel'] !== undefined) {
      asked.say('notifications/message', { level: 'debug', data: 'too much' });
      asked.say('notifications/message', { level: 'info', data: 'half way' });
    }
    asked.reply(text('done'));
  },
  merge: (asked) => merge(asked),
  ids: (asked) => asked.reply({ ...text('[1,2]'), structuredContent: [1, 2], 'x-vendor': { cost: 3 } }),
  delete: (asked) => asked.reply(text('deleted')),
  chart: (asked) => asked.reply(text('drawn')),
};

/** What the server crm says by itself. */
export const CRM_ANSWERS: Readonly<Record<string, ModernAnswer>> = {
  'tools/list': (asked) => asked.reply({ tools: CRM_TOOLS, ttlMs: 30_000, cacheScope: 'public' }),
  'tools/call': (asked) => {
    const { name, arguments: args } = asked.params;
    CALLS[String(name)]!(asked, (args ?? {}) as Json);
  },
  'prompts/list': (asked) => asked.reply({ prompts: [], ttlMs: 0, cacheScope: 'public' }),
  'resources/list': (asked) => {
    const page = asked.params['cursor'] === '' ? { resources: [row(2)] } : { resources: [row(1)], nextCursor: '' };
    asked.reply({ ...page, ttlMs: 1_000, cacheScope: 'public' });
  },
  'resources/templates/list': (asked) => asked.reply({ resourceTemplates: [], ttlMs: 1_000, cacheScope: 'public' }),
  'resources/read': (asked) => {
    const { uri } = asked.params;
    if (uri === 'db://row/404') return asked.error(-32_602, 'Resource not found', { uri });
    asked.reply({ contents: [{ uri, text: 'Ada' }], ttlMs: 5_000, cacheScope: 'public' });
  },
  'completion/complete': (asked) => asked.reply({ completion: { values: ['ada'] } }),
  'subscriptions/listen': (asked) => asked.acknowledge(),
};

/** What the server wiki says by itself. */
export const WIKI_ANSWERS: Readonly<Record<string, ModernAnswer>> = {
  'prompts/list': (asked) =>
    asked.reply({ prompts: [{ name: 'summarise' }, { name: 'café' }], ttlMs: 60_000, cacheScope: 'public' }),
  'prompts/get': (asked) => {
    if (asked.params['name'] !== 'café') return asked.error(-32_602, 'Unknown prompt');
    const message = { role: 'user', content: { type: 'text', text: 'Recommend a café' } };
    asked.reply({ messages: [message], _meta: { [SERVER_INFO]: { name: 'wiki', version: '3' } } });
  },
};

function text(said: string): Json {
  return { content: [{ type: 'text', text: said }] };
}

function row(id: number): Json {
  return { uri: `db://row/${id}`, name: `r${id}` };
}

function merge(asked: AskedModern): void {
  const { inputResponses, requestState } = asked.params;
  const { elicitation } = asked.meta['io.modelcontextprotocol/clientCapabilities'] as Json;
  if (elicitation === undefined) {
    const data = { requiredCapabilities: { elicitation: { form: {} } } };
    return asked.error(-32_021, 'Client must support elicitation', data, 400);
  }
  const isAnswered = requestState === 'asked' && 'ok' in (inputResponses as Json);
  if (isAnswered) asked.reply(text('merged'));
  else asked.reply({ resultType: 'input_required', inputRequests: ASKS, requestState: 'asked' });
}
