import { CONNECTIONS, playEverywhere } from '../support/golden-stage.ts';

const DONE = '{"content":[]}';
const ONE = '{"name":"one","inputSchema":{"type":"object"}}';
const TWO = '{"name":"two","inputSchema":{"type":"object"}}';

/** What servers say by themselves: who hears of it, how often, and in which words. */
playEverywhere([
  {
    name: 'who has seen a list hears once that it is another, and of a list that is the same it hears nothing',
    asked: ['tools/list'],
    lines: `
C> [A opens 2025-11-25] {"sampling":{}}
C> [A] {"jsonrpc":"2.0","id":1,"method":"tools/list"}
G> [u] {"jsonrpc":"2.0","id":"«first»","method":"tools/list"}
U< [u] {"jsonrpc":"2.0","id":"«first»","result":{"tools":[${ONE}]}}
G< [A] {"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"crm__one","inputSchema":{"type":"object"}}]}}
U< [u own] {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}
U< [u own] {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}
U< [u own] {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}
G> [u] {"jsonrpc":"2.0","id":"«second»","method":"tools/list"}
U< [u] {"jsonrpc":"2.0","id":"«second»","result":{"tools":[${ONE},${TWO}]}}
G< [A own] {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}
C> [A] {"jsonrpc":"2.0","id":2,"method":"tools/list"}
G< [A] {"jsonrpc":"2.0","id":2,"result":{"tools":[{"name":"crm__one","inputSchema":{"type":"object"}},{"name":"crm__two","inputSchema":{"type":"object"}}]}}
U< [u own] {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}
G> [u] {"jsonrpc":"2.0","id":"«third»","method":"tools/list"}
U< [u] {"jsonrpc":"2.0","id":"«third»","result":{"tools":[${ONE},${TWO}]}}
C> [A] {"jsonrpc":"2.0","id":3,"method":"tools/list"}
G< [A] {"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"crm__one","inputSchema":{"type":"object"}},{"name":"crm__two","inputSchema":{"type":"object"}}]}}
`,
  },
  {
    name: 'one subscription on the server for all clients of a session, and each hears of what it subscribed to',
    upstream: CONNECTIONS,
    lines: `
C> [A opens 2025-11-25] {}
C> [B opens 2025-11-25] {}
C> [A] {"jsonrpc":"2.0","id":60,"method":"resources/subscribe","params":{"uri":"crm+db://row/1"}}
G> [shared] {"jsonrpc":"2.0","id":"«on»","method":"resources/subscribe","params":{"uri":"db://row/1"}}
U< [shared] {"jsonrpc":"2.0","id":"«on»","result":{}}
G< [A] {"jsonrpc":"2.0","id":60,"result":{}}
U< [shared own] {"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"db://row/1"}}
G< [A own] {"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"crm+db://row/1"}}
C> [B] {"jsonrpc":"2.0","id":60,"method":"resources/subscribe","params":{"uri":"crm+db://row/1"}}
G< [B] {"jsonrpc":"2.0","id":60,"result":{}}
U< [shared own] {"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"db://row/1","title":"kept"}}
G< [A own] {"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"crm+db://row/1","title":"kept"}}
G< [B own] {"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"crm+db://row/1","title":"kept"}}
C> [A] {"jsonrpc":"2.0","id":61,"method":"resources/unsubscribe","params":{"uri":"crm+db://row/1"}}
G< [A] {"jsonrpc":"2.0","id":61,"result":{}}
U< [shared own] {"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"db://row/1"}}
G< [B own] {"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"crm+db://row/1"}}
U< [shared own] {"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"db://row/2"}}
C> [B] {"jsonrpc":"2.0","id":61,"method":"resources/unsubscribe","params":{"uri":"crm+db://row/1"}}
G> [shared] {"jsonrpc":"2.0","id":"«off»","method":"resources/unsubscribe","params":{"uri":"db://row/1"}}
U< [shared] {"jsonrpc":"2.0","id":"«off»","result":{}}
G< [B] {"jsonrpc":"2.0","id":61,"result":{}}
`,
  },
  {
    name: 'a subscription of a client with a session of its own is kept there',
    lines: `
C> [A opens 2025-11-25] {"sampling":{}}
C> [A] {"jsonrpc":"2.0","id":60,"method":"resources/subscribe","params":{"uri":"crm+db://row/1"}}
G> [u] {"jsonrpc":"2.0","id":"«on»","method":"resources/subscribe","params":{"uri":"db://row/1"}}
U< [u] {"jsonrpc":"2.0","id":"«on»","result":{}}
G< [A] {"jsonrpc":"2.0","id":60,"result":{}}
U< [u own] {"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"db://row/1"}}
G< [A own] {"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"crm+db://row/1"}}
C> [A] {"jsonrpc":"2.0","id":61,"method":"resources/unsubscribe","params":{"uri":"crm+db://row/1"}}
G> [u] {"jsonrpc":"2.0","id":"«off»","method":"resources/unsubscribe","params":{"uri":"db://row/1"}}
U< [u] {"jsonrpc":"2.0","id":"«off»","result":{}}
G< [A] {"jsonrpc":"2.0","id":61,"result":{}}
U< [u own] {"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"db://row/1"}}
`,
  },
  {
    name: 'a subscription that the server refuses is refused, and one that nobody can have',
    lines: `
C> [A opens 2025-11-25] {"sampling":{}}
C> [A] {"jsonrpc":"2.0","id":60,"method":"resources/subscribe","params":{"uri":"crm+db://row/9"}}
G> [u] {"jsonrpc":"2.0","id":"«on»","method":"resources/subscribe","params":{"uri":"db://row/9"}}
U< [u] {"jsonrpc":"2.0","id":"«on»","error":{"code":-32002,"message":"Resource not found","data":{"uri":"db://row/9"}}}
G< [A] {"jsonrpc":"2.0","id":60,"error":{"code":-32002,"message":"Resource not found","data":{"uri":"crm+db://row/9"}}}
C> [A] {"jsonrpc":"2.0","id":61,"method":"resources/subscribe","params":{"uri":"nobody://row/9"}}
G< [A] {"jsonrpc":"2.0","id":61,"error":{"code":-32002,"message":"Resource not found","data":{"uri":"nobody://row/9"}}}
C> [A] {"jsonrpc":"2.0","id":62,"method":"resources/subscribe","params":{}}
G< [A] {"jsonrpc":"2.0","id":62,"error":{"code":-32602,"message":"uri"}}
`,
  },
  {
    name: 'log lines of a session that clients share reach whose request alone is under way, from its level on',
    upstream: CONNECTIONS,
    lines: `
C> [A opens 2025-11-25] {}
C> [B opens 2025-11-25] {}
C> [A] {"jsonrpc":"2.0","id":2,"method":"logging/setLevel","params":{"level":"error"}}
G< [A] {"jsonrpc":"2.0","id":2,"result":{}}
C> [B] {"jsonrpc":"2.0","id":2,"method":"logging/setLevel","params":{"level":"info"}}
G< [B] {"jsonrpc":"2.0","id":2,"result":{}}
U< [shared own] {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"critical","data":"of nobody"}}
U< [shared own] {"jsonrpc":"2.0","id":"heard","method":"ping"}
G> [shared] {"jsonrpc":"2.0","id":"heard","result":{}}
C> [A] {"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"crm__find"}}
G> [shared] {"jsonrpc":"2.0","id":"«a»","method":"tools/call","params":{"name":"find"}}
U< [shared] {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"warning","data":"too little"}}
U< [shared] {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"critical","data":"of A"}}
G< [A] {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"critical","data":"of A"}}
C> [B] {"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"crm__find"}}
G> [shared] {"jsonrpc":"2.0","id":"«b»","method":"tools/call","params":{"name":"find"}}
U< [shared] {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"critical","data":"of either"}}
U< [shared] {"jsonrpc":"2.0","id":"«a»","result":${DONE}}
G< [A] {"jsonrpc":"2.0","id":3,"result":${DONE}}
U< [shared] {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"warning","data":"of B"}}
G< [B] {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"warning","data":"of B"}}
U< [shared] {"jsonrpc":"2.0","id":"«b»","result":${DONE}}
G< [B] {"jsonrpc":"2.0","id":3,"result":${DONE}}
`,
  },
  {
    name: 'log lines reach the client whose session they were said in, from its level on',
    asked: ['logging/setLevel'],
    lines: `
C> [A opens 2025-11-25] {"sampling":{}}
C> [A] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__find","arguments":{}}}
G> [u] {"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"find","arguments":{}}}
U< [u] {"jsonrpc":"2.0","id":"«call»","result":${DONE}}
G< [A] {"jsonrpc":"2.0","id":1,"result":${DONE}}
C> [A] {"jsonrpc":"2.0","id":2,"method":"logging/setLevel","params":{"level":"warning"}}
G< [A] {"jsonrpc":"2.0","id":2,"result":{}}
G> [u] {"jsonrpc":"2.0","id":"«set»","method":"logging/setLevel","params":{"level":"warning"}}
U< [u] {"jsonrpc":"2.0","id":"«set»","result":{}}
U< [u own] {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"not wanted"}}
U< [u own] {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"error","logger":"db","data":{"any":["thing"]}}}
G< [A own] {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"error","logger":"db","data":{"any":["thing"]}}}
`,
  },
]);
