import { DUPLEX, type ModernExchange } from '../../support/golden-modern-stage.ts';

const TASKS = '{"extensions":{"io.modelcontextprotocol/tasks":{}}}';
const WITH_TASKS = `@E+{"io.modelcontextprotocol/clientCapabilities":${TASKS}}`;
const RELAYED = `@E+{"io.modelcontextprotocol/clientCapabilities":${TASKS},"io.modelcontextprotocol/clientInfo":{"name":"gw","version":"«version»"}}`;
/** `_meta` of what is said on a listen. */
export const OF = (id: string): string => `"_meta":{"io.modelcontextprotocol/subscriptionId":${id}}`;
const CREATED = '"createdAt":"2026-08-01T10:00:00Z"';
const WORKING = `"status":"working",${CREATED},"lastUpdatedAt":"2026-08-01T10:00:00Z","ttlMs":60000,"pollIntervalMs":1000`;
const COMPLETED = `"status":"completed",${CREATED},"lastUpdatedAt":"2026-08-01T10:00:09Z","ttlMs":60000,"result":{"content":[{"type":"text","text":"done"}]}`;

/** The server has another list than before, and the client of `L1` hears of it. */
function changeTools(name: string): string {
  return `
U< [listen] {"method":"notifications/tools/list_changed"}
G> [M tools/list] {"jsonrpc":"2.0","id":"«list ${name}»","method":"tools/list","params":{"_meta":"«m»"}}
U< [200] {"jsonrpc":"2.0","id":"«list ${name}»","result":{"resultType":"complete","tools":[{"name":"${name}","inputSchema":{"type":"object"}}],"ttlMs":30000,"cacheScope":"public"}}
G< [sse] {"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{${OF('"L1"')}}}`;
}

/** About a row of its own: one that was given up a moment ago is told of as changed, since it may have. */
export function listening(row: number): ModernExchange {
  return {
    name: 'a listen, and what is told on it',
    asked: ['tools/list'],
    lines: `
C> [M subscriptions/listen] {"jsonrpc":"2.0","id":"L1","method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true,"resourceSubscriptions":["crm+db://row/${row}"]},@E}}
G< [200 sse] {"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"notifications":{"toolsListChanged":true,"resourceSubscriptions":["crm+db://row/${row}"]},${OF('"L1"')}}}
U< [listen] {"method":"notifications/resources/updated","params":{"uri":"db://row/${row}"}}
G< [sse] {"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"crm+db://row/${row}",${OF('"L1"')}}}
${changeTools('one')}
${changeTools('other')}
`,
  };
}

/** What outlives one request: listens, tasks, connections. */
export const STANDING: readonly ModernExchange[] = [
  {
    name: 'G28: listen for something nobody offers: honoured subset is smaller, not an error; integer id keeps its type',
    lines: `
C> [M /mcp/wiki subscriptions/listen] {"jsonrpc":"2.0","id":28,"method":"subscriptions/listen","params":{"notifications":{"promptsListChanged":true,"toolsListChanged":true},@E}}
G< [200 sse] {"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"notifications":{"promptsListChanged":true},${OF('28')}}}
`,
  },
  {
    name: 'G28: a resource of nobody, and nothing at all',
    duplex: DUPLEX,
    lines: `
C> [M subscriptions/listen] {"jsonrpc":"2.0","id":0,"method":"subscriptions/listen","params":{"notifications":{"resourceSubscriptions":["nobody://x"]},@E}}
G< [200 sse] {"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"notifications":{},${OF('0')}}}
C> [M subscriptions/listen as second] {"jsonrpc":"2.0","id":"","method":"subscriptions/listen","params":{"notifications":{},@E}}
G< [200 sse second] {"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"notifications":{},${OF('""')}}}
`,
  },
  {
    name: 'G73: server-directed task, sealed id, mirrored into Mcp-Name on each leg',
    asked: ['tools/call'],
    lines: `
C> [M tools/call crm__export] {"jsonrpc":"2.0","id":67,"method":"tools/call","params":{"name":"crm__export","arguments":{},${WITH_TASKS}}}
G> [M tools/call export] {"jsonrpc":"2.0","id":"«u1»","method":"tools/call","params":{"name":"export","arguments":{},${RELAYED}}}
U< [200] {"jsonrpc":"2.0","id":"«u1»","result":{"resultType":"task","taskId":"job-9",${WORKING}}}
G< [200] {"jsonrpc":"2.0","id":67,"result":{"resultType":"task","taskId":"«t1»",${WORKING},@S}}
C> [M tasks/get «t1»] {"jsonrpc":"2.0","id":68,"method":"tasks/get","params":{"taskId":"«t1»",${WITH_TASKS}}}
G> [M tasks/get job-9] {"jsonrpc":"2.0","id":"«u2»","method":"tasks/get","params":{"taskId":"job-9",${RELAYED}}}
U< [200] {"jsonrpc":"2.0","id":"«u2»","result":{"resultType":"complete","taskId":"job-9",${COMPLETED}}}
G< [200] {"jsonrpc":"2.0","id":68,"result":{"resultType":"complete","taskId":"«t1»",${COMPLETED},@S}}
C> [M tasks/get «t1»] {"jsonrpc":"2.0","id":69,"method":"tasks/get","params":{"taskId":"«t1»",@E}}
G< [400] {"jsonrpc":"2.0","id":69,"error":{"code":-32021,"message":"Client must declare the tasks extension","data":{"requiredCapabilities":${TASKS}}}}
C> [M tasks/get job-9] {"jsonrpc":"2.0","id":70,"method":"tasks/get","params":{"taskId":"«t1»",${WITH_TASKS}}}
G< [400] {"jsonrpc":"2.0","id":70,"error":{"code":-32020,"message":"Mcp-Name does not match params.taskId"}}
C> [M tasks/get job-9] {"jsonrpc":"2.0","id":71,"method":"tasks/get","params":{"taskId":"job-9",${WITH_TASKS}}}
G< [200] {"jsonrpc":"2.0","id":71,"error":{"code":-32602,"message":"unknown task"}}
C> [M tasks/result «t1»] {"jsonrpc":"2.0","id":72,"method":"tasks/result","params":{"taskId":"«t1»",${WITH_TASKS}}}
G< [404] {"jsonrpc":"2.0","id":72,"error":{"code":-32601,"message":"Method not found"}}
`,
  },
  {
    name: 'G74: one WebSocket, both eras; cancel by notification; id-less parse error',
    asked: ['tools/call'],
    lines: `
C> [ws connects] ∅
C> [ws] {"jsonrpc":"2.0","id":1,"method":"server/discover","params":{@E}}
G< [ws] {"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","supportedVersions":["2026-07-28","2025-11-25","2025-06-18","2025-03-26","2024-11-05"],"capabilities":"«c»","instructions":"«i»","ttlMs":60000,"cacheScope":"private",@S}}
C> [ws] {"jsonrpc":"2.0","id":2,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}
G< [ws] {"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-11-25","capabilities":"«c2»","instructions":"«i»","serverInfo":{"name":"gw","version":"«version»"}}}
C> [ws] {"jsonrpc":"2.0","id":3,"method":"ping"}
G< [ws] {"jsonrpc":"2.0","id":3,"result":{}}
C> [ws] {"jsonrpc":"2.0","id":4,"method":"ping","params":{@E}}
G< [ws] {"jsonrpc":"2.0","id":4,"error":{"code":-32601,"message":"Method not found"}}
C> [ws] {"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"crm__slow","arguments":{},@E}}
G> [M tools/call slow] {"jsonrpc":"2.0","id":"«u»","method":"tools/call","params":{"name":"slow","arguments":{},"_meta":"«m»"}}
C> [ws] {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}}
G> [leaves] ∅
C> [ws] {oops
G< [ws] {"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"}}
C> [ws binary] ∅
G< [ws close 1003] ∅
`,
  },
  {
    name: 'G75: duplicate in-flight id on one duplex connection: refused without id; first call unaffected',
    asked: ['tools/call'],
    lines: `
C> [ws connects] ∅
C> [ws] {"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"crm__slow","arguments":{},@E}}
G> [M tools/call slow] {"jsonrpc":"2.0","id":"«u»","method":"tools/call","params":{"name":"slow","arguments":{},"_meta":"«m»"}}
C> [ws] {"jsonrpc":"2.0","id":9,"method":"tools/list","params":{@E}}
G< [ws] {"jsonrpc":"2.0","error":{"code":-32600,"message":"Duplicate request id","data":{"id":9}}}
C> [ws] {"jsonrpc":"2.0","id":"9","method":"ping","params":{@E}}
G< [ws] {"jsonrpc":"2.0","id":"9","error":{"code":-32601,"message":"Method not found"}}
U< [200] {"jsonrpc":"2.0","id":"«u»","result":{"resultType":"complete","content":[]}}
G< [ws] {"jsonrpc":"2.0","id":9,"result":{"resultType":"complete","content":[],@S}}
`,
  },
  {
    name: 'G75: over HTTP each POST stands for itself, whatever its id',
    asked: ['tools/call'],
    lines: `
C> [M tools/call crm__slow] {"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"crm__slow","arguments":{"n":1},@E}}
G> [M tools/call slow] {"jsonrpc":"2.0","id":"«u1»","method":"tools/call","params":{"name":"slow","arguments":{"n":1},"_meta":"«m»"}}
C> [M tools/call crm__slow] {"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"crm__slow","arguments":{"n":2},@E}}
G> [M tools/call slow] {"jsonrpc":"2.0","id":"«u2»","method":"tools/call","params":{"name":"slow","arguments":{"n":2},"_meta":"«m»"}}
U< [200] {"jsonrpc":"2.0","id":"«u2»","result":{"resultType":"complete","content":[],"n":2}}
U< [200] {"jsonrpc":"2.0","id":"«u1»","result":{"resultType":"complete","content":[],"n":1}}
G< [200] {"jsonrpc":"2.0","id":9,"result":{"resultType":"complete","content":[],"n":1,@S}}
G< [200] {"jsonrpc":"2.0","id":9,"result":{"resultType":"complete","content":[],"n":2,@S}}
`,
  },
];
