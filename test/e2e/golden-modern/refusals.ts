import { DUPLEX, FRAMES, type ModernExchange } from '../../support/golden-modern-stage.ts';
import { MODERN } from '../../support/modern.ts';

const VERSION = '"io.modelcontextprotocol/protocolVersion"';
const CAPABILITIES = '"io.modelcontextprotocol/clientCapabilities"';

interface Refused {
  readonly method?: string;
  /** What the request is about, where a header says it. */
  readonly about?: string;
  /** Members of `params`. */
  readonly params?: string;
  readonly version?: string;
  readonly status?: 200 | 400 | 404;
  readonly code: number;
  readonly data?: string;
}

/** A request on its own, and the error that answers it. */
function refused(name: string, refusal: Refused): ModernExchange {
  const { method = 'tools/list', about = '', params = '@E', version = MODERN, status = 200, code, data } = refusal;
  const target = `M ${method} ${about}`.trim();
  const facts = version === MODERN ? target : `${target} | MCP-Protocol-Version: ${version}`;
  const error = `{"code":${code},"message":"no"${data === undefined ? '' : `,"data":${data}`}}`;
  const lines = `
C> [${facts}] {"jsonrpc":"2.0","id":1,"method":"${method}","params":{${params}}}
G< [${status}] {"jsonrpc":"2.0","id":1,"error":${error}}`;
  return { name, lines, duplex: DUPLEX };
}

function unsupported(version: string): ModernExchange {
  const data = `{"supported":["2026-07-28"],"requested":"${version}"}`;
  const params = `"_meta":{${VERSION}:"${version}",${CAPABILITIES}:{}}`;
  return refused(`version ${version} in an envelope`, { params, version, status: 400, code: -32_022, data });
}

/** An envelope with that in it that is no envelope. */
function malformed(what: string, meta: string): ModernExchange {
  return refused(`an envelope with ${what}`, { params: `"_meta":${meta}`, status: 400, code: -32_602 });
}

/** Requests that come to nothing, each for a reason of its own. */
export const REFUSED: readonly ModernExchange[] = [
  unsupported('2025-11-25'),
  unsupported('2024-11-05'),
  unsupported('v999'),
  malformed('a version that is a number', `{${VERSION}:20260728,${CAPABILITIES}:{}}`),
  malformed('capabilities in an array', `{${VERSION}:"${MODERN}",${CAPABILITIES}:["sampling"]}`),
  malformed('no capabilities but null', `{${VERSION}:"${MODERN}",${CAPABILITIES}:null}`),
  malformed(
    'an unknown log level',
    `{${VERSION}:"${MODERN}",${CAPABILITIES}:{},"io.modelcontextprotocol/logLevel":"loud"}`,
  ),
  malformed(
    'a client that is a word',
    `{${VERSION}:"${MODERN}",${CAPABILITIES}:{},"io.modelcontextprotocol/clientInfo":"ide"}`,
  ),
  ...[
    'logging/setLevel',
    'resources/subscribe',
    'resources/unsubscribe',
    'sampling/createMessage',
    'elicitation/create',
    'roots/list',
    'notifications/cancelled',
    'notifications/initialized',
    'tasks/list',
    'Tools/List',
  ].map((method) => refused(`${method} is no method`, { method, status: 404, code: -32_601 })),
  refused('a call of nothing', { method: 'tools/call', code: -32_602 }),
  refused('a call of a number', { method: 'tools/call', about: '7', params: '"name":7,@E', code: -32_602 }),
  refused('a call with arguments in an array', {
    method: 'tools/call',
    about: 'crm__query',
    params: '"name":"crm__query","arguments":[],@E',
    code: -32_602,
  }),
  refused('answers in an array', {
    method: 'tools/call',
    about: 'crm__merge',
    params: '"name":"crm__merge","inputResponses":[],@F',
    code: -32_602,
  }),
  refused('a progress token that is a fraction', { params: '@E+{"progressToken":1.5}', code: -32_602 }),
  refused('a cursor that is a number', { params: '"cursor":7,@E', code: -32_602 }),
  refused('a cursor that is empty', { method: 'prompts/list', params: '"cursor":"",@E', code: -32_602 }),
  refused('a resource of nobody', {
    method: 'resources/read',
    about: 'nobody://x',
    params: '"uri":"nobody://x",@E',
    code: -32_602,
    data: '{"uri":"nobody://x"}',
  }),
  refused('a completion of nothing', {
    method: 'completion/complete',
    params: '"ref":{"type":"ref/x"},"argument":{"name":"a","value":"b"},@E',
    code: -32_602,
  }),
  refused('a listen without a filter', { method: 'subscriptions/listen', code: -32_602 }),
  refused('a listen for a number', {
    method: 'subscriptions/listen',
    params: '"notifications":{"toolsListChanged":1},@E',
    code: -32_602,
  }),
  refused('a listen for a resource that is no list', {
    method: 'subscriptions/listen',
    params: '"notifications":{"resourceSubscriptions":"crm+db://row/1"},@E',
    code: -32_602,
  }),
  {
    name: 'a message with another jsonrpc, with a method that is a number, or with two ids',
    duplex: FRAMES,
    lines: `
C> [M prompts/list] {"jsonrpc":"1.0","id":1,"method":"prompts/list","params":{@E}}
G< [400] {"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"jsonrpc"}}
C> [M 7] {"jsonrpc":"2.0","id":1,"method":7,"params":{@E}}
G< [400] {"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"method"}}
C> [M prompts/list] {"jsonrpc":"2.0","id":1,"id":2,"method":"prompts/list","params":{@E}}
G< [400] {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"twice"}}
`,
  },
  {
    name: 'an envelope where no header says so is refused, one in a batch too',
    lines: `
C> [L - -] {"jsonrpc":"2.0","id":1,"method":"prompts/list","params":{@E}}
G< [400] {"jsonrpc":"2.0","id":1,"error":{"code":-32020,"message":"header"}}
C> [L 2025-03-26 -] [{"jsonrpc":"2.0","id":1,"method":"prompts/list","params":{@E}}]
G< [400] {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"batch"}}
`,
  },
];

const PROMPTS = `"result":{"resultType":"complete","prompts":[{"name":"wiki__summarise"},{"name":"wiki__caf_"}],"ttlMs":0,"cacheScope":"private",@S}`;
const DONE = `"result":{"resultType":"complete","content":[{"type":"text","text":"done"}],@S}`;

/** What is odd, and taken all the same. */
export const TAKEN: readonly ModernExchange[] = [
  {
    name: 'ids keep their value and their type, and members that nobody knows are overlooked',
    duplex: DUPLEX,
    lines: ['0', '""', '"0"', '-9007199254740991']
      .map(
        (id) => `
C> [M prompts/list] {"jsonrpc":"2.0","id":${id},"method":"prompts/list","params":{"x":1,@E},"extra":1}
G< [200] {"jsonrpc":"2.0","id":${id},${PROMPTS}}`,
      )
      .join('\n'),
  },
  {
    name: 'a client that takes no stream gets the reply alone, one that takes nothing else a stream',
    lines: `
C> [M tools/call crm__export | Accept: application/json] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__export",@E+{"progressToken":1}}}
G< [200 | Content-Type: application/json ; Cache-Control: no-store] {"jsonrpc":"2.0","id":1,${DONE}}
C> [M tools/call crm__export | -Accept] {"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"crm__export",@E+{"progressToken":1}}}
G< [200] {"jsonrpc":"2.0","id":2,${DONE}}
C> [M prompts/list | Accept: text/event-stream] {"jsonrpc":"2.0","id":3,"method":"prompts/list","params":{@E}}
G< [200 sse | Content-Type: text/event-stream] {"jsonrpc":"2.0","id":3,${PROMPTS}}
G< [sse] ends
`,
  },
  {
    name: 'resources are read, listed and completed in the names of the route',
    duplex: DUPLEX,
    lines: `
C> [M resources/read crm+db://row/1] {"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"crm+db://row/1",@E}}
G< [200] {"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","contents":[{"uri":"crm+db://row/1","text":"Ada"}],"ttlMs":5000,"cacheScope":"private",@S}}
C> [M resources/list] {"jsonrpc":"2.0","id":2,"method":"resources/list","params":{@E}}
G< [200] {"jsonrpc":"2.0","id":2,"result":{"resultType":"complete","resources":[{"uri":"crm+db://row/1","name":"r1"}],"nextCursor":"«next»","ttlMs":"«0..1000»","cacheScope":"private",@S}}
C> [M resources/list] {"jsonrpc":"2.0","id":3,"method":"resources/list","params":{"cursor":"«next»",@E}}
G< [200] {"jsonrpc":"2.0","id":3,"result":{"resultType":"complete","resources":[{"uri":"crm+db://row/2","name":"r2"}],"ttlMs":"«0..1000»","cacheScope":"private",@S}}
C> [M completion/complete] {"jsonrpc":"2.0","id":4,"method":"completion/complete","params":{"ref":{"type":"ref/resource","uri":"crm+db://row/1"},"argument":{"name":"a","value":"b"},@E}}
G< [200] {"jsonrpc":"2.0","id":4,"result":{"resultType":"complete","completion":{"values":["ada"]},@S}}
`,
  },
];
