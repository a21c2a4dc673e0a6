import { CONNECTIONS, DUPLEX, playEverywhere } from '../support/golden-stage.ts';

const DONE = '{"content":[{"type":"text","text":"done"}]}';
const LOGIN =
  '{"elicitations":[{"mode":"url","message":"Sign in","url":"https://crm.example/auth","elicitationId":"el-1"}]}';

/** Requests of clients and what becomes of them, where neither leg knows how the other travels. */
playEverywhere([
  {
    name: 'a call is said in the names, ids and tokens of each leg',
    lines: `
C> [A opens 2025-11-25] {}
C> [A] {"jsonrpc":"2.0","id":"a-1","method":"tools/call","params":{"name":"crm__find","arguments":{"q":"ada"},"_meta":{"progressToken":0,"example.com/kept":true}}}
G> [u] {"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"find","arguments":{"q":"ada"},"_meta":{"progressToken":"«token»","example.com/kept":true}}}
U< [u] {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"«token»","progress":1,"message":"half"}}
G< [A] {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":0,"progress":1,"message":"half"}}
U< [u] {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"«token»","progress":1}}
U< [u] {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"unknown","progress":2}}
U< [u] {"jsonrpc":"2.0","id":"«call»","result":{"content":[{"type":"resource_link","uri":"db://row/1","name":"Ada"},{"type":"hologram","any":1}],"structuredContent":{"n":1.0},"vendor":[null]}}
G< [A] {"jsonrpc":"2.0","id":"a-1","result":{"content":[{"type":"resource_link","uri":"crm+db://row/1","name":"Ada"},{"type":"hologram","any":1}],"structuredContent":{"n":1.0},"vendor":[null]}}
`,
    upstream: ['http'],
  },
  {
    name: 'a call on the shared session is said in the names, ids and tokens of each leg',
    upstream: CONNECTIONS,
    lines: `
C> [A opens 2025-11-25] {}
C> [A] {"jsonrpc":"2.0","id":"a-1","method":"tools/call","params":{"name":"crm__find","arguments":{"q":"ada"},"_meta":{"progressToken":0}}}
G> [shared] {"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"find","arguments":{"q":"ada"},"_meta":{"progressToken":"«token»"}}}
U< [shared] {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"«token»","progress":1}}
G< [A] {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":0,"progress":1}}
U< [shared] {"jsonrpc":"2.0","id":"«call»","result":{"content":[{"type":"resource_link","uri":"db://row/1","name":"Ada"}]}}
G< [A] {"jsonrpc":"2.0","id":"a-1","result":{"content":[{"type":"resource_link","uri":"crm+db://row/1","name":"Ada"}]}}
U< [shared] {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"«token»","progress":2}}
U< [shared] {"jsonrpc":"2.0","id":"«call»","result":{"content":[]}}
`,
  },
  {
    name: 'two clients use one id and one progress token on one session',
    upstream: CONNECTIONS,
    lines: `
C> [A opens 2025-11-25] {}
C> [B opens 2025-11-25] {}
C> [A] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__export","arguments":{},"_meta":{"progressToken":1}}}
G> [shared] {"jsonrpc":"2.0","id":"«a»","method":"tools/call","params":{"name":"export","arguments":{},"_meta":{"progressToken":"«ta»"}}}
C> [B] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__export","arguments":{},"_meta":{"progressToken":"1"}}}
G> [shared] {"jsonrpc":"2.0","id":"«b»","method":"tools/call","params":{"name":"export","arguments":{},"_meta":{"progressToken":"«tb»"}}}
U< [shared] {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"«tb»","progress":5}}
G< [B] {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"1","progress":5}}
U< [shared] {"jsonrpc":"2.0","id":"«b»","result":{"content":[],"who":"B"}}
G< [B] {"jsonrpc":"2.0","id":1,"result":{"content":[],"who":"B"}}
U< [shared] {"jsonrpc":"2.0","id":"«a»","result":{"content":[],"who":"A"}}
G< [A] {"jsonrpc":"2.0","id":1,"result":{"content":[],"who":"A"}}
`,
  },
  {
    name: 'ids keep their value and their type',
    lines: `
C> [A opens 2025-11-25] {}
C> [A] {"jsonrpc":"2.0","id":0,"method":"ping"}
G< [A] {"jsonrpc":"2.0","id":0,"result":{}}
C> [A] {"jsonrpc":"2.0","id":"","method":"ping"}
G< [A] {"jsonrpc":"2.0","id":"","result":{}}
C> [A] {"jsonrpc":"2.0","id":"0","method":"ping"}
G< [A] {"jsonrpc":"2.0","id":"0","result":{}}
C> [A] {"jsonrpc":"2.0","id":-9007199254740991,"method":"ping"}
G< [A] {"jsonrpc":"2.0","id":-9007199254740991,"result":{}}
`,
  },
  {
    name: 'a ping is answered on the leg it came on',
    lines: `
C> [A opens 2025-11-25] {"sampling":{}}
C> [A] {"jsonrpc":"2.0","id":"p1","method":"ping"}
G< [A] {"jsonrpc":"2.0","id":"p1","result":{}}
C> [A] {"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"crm__find"}}
G> [u] {"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"find"}}
U< [u] {"jsonrpc":"2.0","id":0,"method":"ping"}
G> [u] {"jsonrpc":"2.0","id":0,"result":{}}
U< [u own] {"jsonrpc":"2.0","id":"","method":"ping"}
G> [u] {"jsonrpc":"2.0","id":"","result":{}}
U< [u] {"jsonrpc":"2.0","id":"«call»","result":${DONE}}
G< [A] {"jsonrpc":"2.0","id":2,"result":${DONE}}
`,
  },
  {
    name: 'a cancellation carries the id of each leg, and nothing more is said',
    lines: `
C> [A opens 2025-11-25] {"sampling":{}}
C> [A] {"jsonrpc":"2.0","id":11,"method":"tools/call","params":{"name":"crm__export","arguments":{}}}
G> [u] {"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"export","arguments":{}}}
C> [A] {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"11"}}
C> [A] {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":11,"reason":"user"}}
G> [u] {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"«call»","reason":"user"}}
`,
  },
  {
    name: 'a client that is gone has cancelled everything',
    downstream: DUPLEX,
    lines: `
C> [A opens 2025-11-25] {"sampling":{}}
C> [A] {"jsonrpc":"2.0","id":11,"method":"tools/call","params":{"name":"crm__export","arguments":{}}}
G> [u] {"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"export","arguments":{}}}
C> [A closes] ∅
G> [u] {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"«call»","reason":"«why»"}}
G> [u closes] ∅
`,
  },
  {
    name: 'an id that is in flight is refused without the id, and the first call is untouched',
    downstream: DUPLEX,
    lines: `
C> [A opens 2025-11-25] {"sampling":{}}
C> [A] {"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"crm__export","arguments":{}}}
G> [u] {"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"export","arguments":{}}}
C> [A] {"jsonrpc":"2.0","id":9,"method":"tools/list"}
G< [A] {"jsonrpc":"2.0","error":{"code":-32600,"message":"Duplicate request id","data":{"id":9}}}
U< [u] {"jsonrpc":"2.0","id":"«call»","result":${DONE}}
G< [A] {"jsonrpc":"2.0","id":9,"result":${DONE}}
C> [A] {"jsonrpc":"2.0","id":9,"method":"ping"}
G< [A] {"jsonrpc":"2.0","id":9,"result":{}}
`,
  },
  {
    name: 'errors of servers are passed on, in the words of the client, and so are names nobody knows',
    lines: `
C> [A opens 2025-11-25] {"sampling":{}}
C> [A] {"jsonrpc":"2.0","id":12,"method":"resources/read","params":{"uri":"crm+db://row/404"}}
G> [u] {"jsonrpc":"2.0","id":"«read»","method":"resources/read","params":{"uri":"db://row/404"}}
U< [u] {"jsonrpc":"2.0","id":"«read»","error":{"code":-32002,"message":"Resource not found","data":{"uri":"db://row/404"}}}
G< [A] {"jsonrpc":"2.0","id":12,"error":{"code":-32002,"message":"Resource not found","data":{"uri":"crm+db://row/404"}}}
C> [A] {"jsonrpc":"2.0","id":13,"method":"tools/call","params":{"name":"crm__login","arguments":{}}}
G> [u] {"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"login","arguments":{}}}
U< [u] {"jsonrpc":"2.0","id":"«call»","error":{"code":-32042,"message":"Sign in first","data":${LOGIN}}}
G< [A] {"jsonrpc":"2.0","id":13,"error":{"code":-32042,"message":"Sign in first","data":${LOGIN}}}
C> [A] {"jsonrpc":"2.0","id":14,"method":"logging/setLevel","params":{"level":"loud"}}
G< [A] {"jsonrpc":"2.0","id":14,"error":{"code":-32602,"message":"Invalid level"}}
C> [A] {"jsonrpc":"2.0","id":15,"method":"resources/read","params":{"uri":"nobody://row/404"}}
G< [A] {"jsonrpc":"2.0","id":15,"error":{"code":-32002,"message":"Resource not found","data":{"uri":"nobody://row/404"}}}
C> [A] {"jsonrpc":"2.0","id":16,"method":"tools/call","params":{"name":"crm__nope"}}
G< [A] {"jsonrpc":"2.0","id":16,"error":{"code":-32602,"message":"Unknown tool"}}
C> [A] {"jsonrpc":"2.0","id":17,"method":"server/discover"}
G< [A] {"jsonrpc":"2.0","id":17,"error":{"code":-32601,"message":"Method not found"}}
`,
  },
  {
    name: 'a reply that is none is a failure of the gateway, and says nothing of the server',
    lines: `
C> [A opens 2025-11-25] {"sampling":{}}
C> [A] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__find"}}
G> [u] {"jsonrpc":"2.0","id":"«first»","method":"tools/call","params":{"name":"find"}}
U< [u] {"jsonrpc":"2.0","id":"«first»","error":{"code":"x","message":1}}
G< [A] {"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"bad","data":{"reason":"upstream_protocol_error","maybeExecuted":true}}}
C> [A] {"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"crm__find"}}
G> [u] {"jsonrpc":"2.0","id":"«second»","method":"tools/call","params":{"name":"find"}}
U< [u] {"jsonrpc":"2.0","id":"«second»","result":{},"error":{"code":1,"message":"both"}}
G< [A] {"jsonrpc":"2.0","id":2,"error":{"code":-32603,"message":"bad","data":{"reason":"upstream_protocol_error","maybeExecuted":true}}}
`,
  },
  {
    name: 'a revision that does not know URL elicitation gets a result that says so',
    lines: `
C> [A opens 2025-06-18] {"sampling":{}}
C> [A] {"jsonrpc":"2.0","id":13,"method":"tools/call","params":{"name":"crm__login","arguments":{}}}
G> [u] {"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"login","arguments":{}}}
U< [u] {"jsonrpc":"2.0","id":"«call»","error":{"code":-32042,"message":"Sign in first","data":${LOGIN}}}
G< [A] {"jsonrpc":"2.0","id":13,"result":{"isError":true,"content":"«text»"}}
C> [A] {"jsonrpc":"2.0","id":14,"method":"resources/read","params":{"uri":"crm+db://row/1"}}
G> [u] {"jsonrpc":"2.0","id":"«read»","method":"resources/read","params":{"uri":"db://row/1"}}
U< [u] {"jsonrpc":"2.0","id":"«read»","error":{"code":-32042,"message":"Sign in first","data":${LOGIN}}}
G< [A] {"jsonrpc":"2.0","id":14,"error":{"code":-32603,"message":"Sign in first"}}
`,
  },
  {
    name: 'to 2024-11-05 newer content is said in text, and what it does not know otherwise is kept',
    lines: `
C> [A opens 2024-11-05] {"sampling":{}}
C> [A] {"jsonrpc":"2.0","id":13,"method":"tools/call","params":{"name":"crm__find","arguments":{}}}
G> [u] {"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"find","arguments":{}}}
U< [u] {"jsonrpc":"2.0","id":"«call»","result":{"content":[{"type":"text","text":"t"},{"type":"audio","data":"AA==","mimeType":"audio/wav"},{"type":"resource_link","uri":"db://row/1","name":"Ada"},{"type":"hologram"}],"structuredContent":{"a":1}}}
G< [A] {"jsonrpc":"2.0","id":13,"result":{"content":[{"type":"text","text":"t"},{"type":"text","text":"[audio audio/wav]"},{"type":"text","text":"Ada: crm+db://row/1"},{"type":"hologram"}]}}
`,
  },
  {
    name: 'lists are paged by cursors of the gateway, and the empty cursor of a server is a cursor',
    lines: `
C> [A opens 2025-11-25] {}
C> [A] {"jsonrpc":"2.0","id":65,"method":"resources/list"}
G< [A] {"jsonrpc":"2.0","id":65,"result":{"resources":[{"uri":"crm+db://row/1","name":"r1"}],"nextCursor":"«c»"}}
C> [A] {"jsonrpc":"2.0","id":66,"method":"resources/list","params":{"cursor":"«c»"}}
G< [A] {"jsonrpc":"2.0","id":66,"result":{"resources":[{"uri":"crm+db://row/2","name":"r2"}]}}
C> [A] {"jsonrpc":"2.0","id":67,"method":"resources/list","params":{"cursor":"abc"}}
G< [A] {"jsonrpc":"2.0","id":67,"error":{"code":-32602,"message":"Invalid cursor"}}
C> [A] {"jsonrpc":"2.0","id":68,"method":"resources/list","params":{"cursor":7}}
G< [A] {"jsonrpc":"2.0","id":68,"error":{"code":-32602,"message":"cursor"}}
C> [A] {"jsonrpc":"2.0","id":69,"method":"prompts/list"}
G< [A] {"jsonrpc":"2.0","id":69,"result":{"prompts":[{"name":"crm__summarise"}]}}
`,
  },
  {
    name: 'completions and prompts are asked of their server under its own names',
    lines: `
C> [A opens 2025-11-25] {"sampling":{}}
C> [A] {"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"crm__summarise","arguments":{"style":"dry"}}}
G> [u] {"jsonrpc":"2.0","id":"«get»","method":"prompts/get","params":{"name":"summarise","arguments":{"style":"dry"}}}
U< [u] {"jsonrpc":"2.0","id":"«get»","result":{"messages":[{"role":"user","content":{"type":"resource","resource":{"uri":"db://row/1","text":"Ada"}}}]}}
G< [A] {"jsonrpc":"2.0","id":1,"result":{"messages":[{"role":"user","content":{"type":"resource","resource":{"uri":"crm+db://row/1","text":"Ada"}}}]}}
C> [A] {"jsonrpc":"2.0","id":2,"method":"completion/complete","params":{"ref":{"type":"ref/prompt","name":"crm__summarise"},"argument":{"name":"style","value":"d"}}}
G> [u] {"jsonrpc":"2.0","id":"«complete»","method":"completion/complete","params":{"ref":{"type":"ref/prompt","name":"summarise"},"argument":{"name":"style","value":"d"}}}
U< [u] {"jsonrpc":"2.0","id":"«complete»","result":{"completion":{"values":["dry"]}}}
G< [A] {"jsonrpc":"2.0","id":2,"result":{"completion":{"values":["dry"]}}}
C> [A] {"jsonrpc":"2.0","id":3,"method":"completion/complete","params":{"ref":{"type":"ref/resource","uri":"crm+db://row/{id}"},"argument":{"name":"id","value":"1"}}}
G> [u] {"jsonrpc":"2.0","id":"«templated»","method":"completion/complete","params":{"ref":{"type":"ref/resource","uri":"db://row/{id}"},"argument":{"name":"id","value":"1"}}}
U< [u] {"jsonrpc":"2.0","id":"«templated»","result":{"completion":{"values":[],"hasMore":false}}}
G< [A] {"jsonrpc":"2.0","id":3,"result":{"completion":{"values":[],"hasMore":false}}}
`,
  },
  {
    name: 'what belongs to a method of the other side, or to nobody, is refused or overlooked',
    lines: `
C> [A opens 2025-11-25] {}
C> [A] {"jsonrpc":"2.0","id":1,"method":"sampling/createMessage","params":{}}
G< [A] {"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"Method not found"}}
C> [A] {"jsonrpc":"2.0","id":2,"method":"notifications/cancelled","params":{"requestId":1}}
G< [A] {"jsonrpc":"2.0","id":2,"error":{"code":-32601,"message":"Method not found"}}
C> [A] {"jsonrpc":"2.0","method":"notifications/made/up","params":{"x":1}}
C> [A] {"jsonrpc":"2.0","method":"notifications/cancelled","params":{}}
C> [A] {"jsonrpc":"2.0","method":"notifications/initialized"}
C> [A] {"jsonrpc":"2.0","method":"tools/call","params":{"name":"crm__find"}}
C> [A] {"jsonrpc":"2.0","id":"nobody","result":{}}
C> [A] {"jsonrpc":"2.0","id":3,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}
G< [A] {"jsonrpc":"2.0","id":3,"error":{"code":-32600,"message":"already initialized"}}
`,
  },
]);
