import { CONNECTIONS, DUPLEX, playEverywhere } from '../support/golden-stage.ts';

const SCHEMA = '{"type":"object","properties":{"yes":{"type":"boolean"}}}';
const SURE = `{"message":"Sure?","requestedSchema":${SCHEMA}}`;
const HI = '"messages":[{"role":"user","content":{"type":"text","text":"hi"}}],"maxTokens":10';
const DONE = '{"content":[{"type":"text","text":"done"}]}';

/** What servers ask of clients, from one leg to the other and back. */
playEverywhere([
  {
    name: 'a question reaches the client on the way of its request, and the answer goes back under the id of the server',
    lines: `
C> [A opens 2025-11-25] {"elicitation":{}}
C> [A] {"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"crm__merge","arguments":{"a":1}}}
G> [u opens] {"elicitation":{}}
G> [u] {"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"merge","arguments":{"a":1}}}
U< [u] {"jsonrpc":"2.0","id":0,"method":"elicitation/create","params":${SURE}}
G< [A] {"jsonrpc":"2.0","id":"«ask»","method":"elicitation/create","params":${SURE}}
C> [A] {"jsonrpc":"2.0","id":"«ask»","result":{"action":"accept","content":{"yes":true}}}
G> [u] {"jsonrpc":"2.0","id":0,"result":{"action":"accept","content":{"yes":true}}}
U< [u] {"jsonrpc":"2.0","id":"«call»","result":${DONE}}
G< [A] {"jsonrpc":"2.0","id":5,"result":${DONE}}
`,
  },
  {
    name: 'one request may be asked several things, also at once, and ids of servers keep value and type',
    lines: `
C> [A opens 2025-11-25] {"sampling":{},"roots":{"listChanged":true},"elicitation":{"form":{},"url":{}}}
C> [A] {"jsonrpc":"2.0","id":"x","method":"tools/call","params":{"name":"crm__merge","arguments":{}}}
G> [u opens] {"sampling":{},"roots":{"listChanged":true},"elicitation":{"form":{},"url":{}}}
G> [u] {"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"merge","arguments":{}}}
U< [u] {"jsonrpc":"2.0","id":"0","method":"sampling/createMessage","params":{${HI}}}
U< [u] {"jsonrpc":"2.0","id":0,"method":"roots/list"}
G< [A] {"jsonrpc":"2.0","id":"«first»","method":"sampling/createMessage","params":{${HI}}}
G< [A] {"jsonrpc":"2.0","id":"«second»","method":"roots/list"}
C> [A] {"jsonrpc":"2.0","id":"«second»","result":{"roots":[{"uri":"file:///home","name":"home"}]}}
G> [u] {"jsonrpc":"2.0","id":0,"result":{"roots":[{"uri":"file:///home","name":"home"}]}}
C> [A] {"jsonrpc":"2.0","id":"«first»","result":{"role":"assistant","content":{"type":"text","text":"hello"},"model":"m"}}
G> [u] {"jsonrpc":"2.0","id":"0","result":{"role":"assistant","content":{"type":"text","text":"hello"},"model":"m"}}
U< [u] {"jsonrpc":"2.0","id":"«call»","result":${DONE}}
G< [A] {"jsonrpc":"2.0","id":"x","result":${DONE}}
`,
  },
  {
    name: 'an error of the client is an answer, and a second answer is none',
    lines: `
C> [A opens 2025-11-25] {"sampling":{}}
C> [A] {"jsonrpc":"2.0","id":6,"method":"tools/call","params":{"name":"crm__merge","arguments":{}}}
G> [u] {"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"merge","arguments":{}}}
U< [u] {"jsonrpc":"2.0","id":3,"method":"sampling/createMessage","params":{${HI}}}
G< [A] {"jsonrpc":"2.0","id":"«ask»","method":"sampling/createMessage","params":{${HI}}}
C> [A] {"jsonrpc":"2.0","id":"«ask»","error":{"code":-1,"message":"User rejected","data":{"why":"no"}}}
G> [u] {"jsonrpc":"2.0","id":3,"error":{"code":-1,"message":"User rejected","data":{"why":"no"}}}
C> [A] {"jsonrpc":"2.0","id":"«ask»","result":{"role":"assistant","content":{"type":"text","text":"late"},"model":"m"}}
C> [A] {"jsonrpc":"2.0","id":"made up","result":{}}
U< [u] {"jsonrpc":"2.0","id":"«call»","error":{"code":-32050,"message":"not without sampling","data":[1]}}
G< [A] {"jsonrpc":"2.0","id":6,"error":{"code":-32050,"message":"not without sampling","data":[1]}}
`,
  },
  {
    name: 'a question outside of any request comes on the stream of the session',
    lines: `
C> [A opens 2025-11-25] {"roots":{"listChanged":true}}
C> [A] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__find","arguments":{}}}
G> [u] {"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"find","arguments":{}}}
U< [u] {"jsonrpc":"2.0","id":"«call»","result":${DONE}}
G< [A] {"jsonrpc":"2.0","id":1,"result":${DONE}}
U< [u own] {"jsonrpc":"2.0","id":1,"method":"roots/list"}
G< [A own] {"jsonrpc":"2.0","id":"«ask»","method":"roots/list"}
C> [A] {"jsonrpc":"2.0","id":"«ask»","result":{"roots":[]}}
G> [u] {"jsonrpc":"2.0","id":1,"result":{"roots":[]}}
C> [A] {"jsonrpc":"2.0","method":"notifications/roots/list_changed"}
G> [u] {"jsonrpc":"2.0","method":"notifications/roots/list_changed"}
`,
  },
  {
    name: 'a server that needs no answer any more withdraws its question, under the id the client knows',
    lines: `
C> [A opens 2025-11-25] {"elicitation":{}}
C> [A] {"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"crm__merge","arguments":{}}}
G> [u] {"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"merge","arguments":{}}}
U< [u] {"jsonrpc":"2.0","id":7,"method":"elicitation/create","params":${SURE}}
G< [A] {"jsonrpc":"2.0","id":"«ask»","method":"elicitation/create","params":${SURE}}
U< [u] {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7,"reason":"too late"}}
G< [A] {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"«ask»","reason":"too late"}}
C> [A] {"jsonrpc":"2.0","id":"«ask»","result":{"action":"decline"}}
U< [u] {"jsonrpc":"2.0","id":"«call»","result":${DONE}}
G< [A] {"jsonrpc":"2.0","id":5,"result":${DONE}}
`,
  },
  {
    name: 'a client that cancels its request is asked no more, and the server hears of both',
    downstream: DUPLEX,
    lines: `
C> [A opens 2025-11-25] {"elicitation":{}}
C> [A] {"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"crm__merge","arguments":{}}}
G> [u] {"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"merge","arguments":{}}}
C> [A] {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5,"reason":"user"}}
G> [u] {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"«call»","reason":"user"}}
`,
  },
  {
    name: 'a client that leaves while it is asked has refused',
    lines: `
C> [A opens 2025-11-25] {"elicitation":{}}
C> [A] {"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"crm__merge","arguments":{}}}
G> [u] {"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"merge","arguments":{}}}
U< [u] {"jsonrpc":"2.0","id":7,"method":"elicitation/create","params":${SURE}}
G< [A] {"jsonrpc":"2.0","id":"«ask»","method":"elicitation/create","params":${SURE}}
C> [A closes] ∅
G> [u any] {"jsonrpc":"2.0","id":7,"result":{"action":"cancel"}}
G> [u any] {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"«call»","reason":"«why»"}}
G> [u closes] ∅
`,
  },
  {
    name: 'the progress that a client reports on a question reaches the server with the token of the server',
    lines: `
C> [A opens 2025-11-25] {"sampling":{}}
C> [A] {"jsonrpc":"2.0","id":6,"method":"tools/call","params":{"name":"crm__merge","arguments":{}}}
G> [u] {"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"merge","arguments":{}}}
U< [u] {"jsonrpc":"2.0","id":3,"method":"sampling/createMessage","params":{${HI},"_meta":{"progressToken":"p"}}}
G< [A] {"jsonrpc":"2.0","id":"«ask»","method":"sampling/createMessage","params":{${HI},"_meta":{"progressToken":"«token»"}}}
C> [A] {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"«token»","progress":1,"total":2}}
G> [u] {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"p","progress":1,"total":2}}
C> [A] {"jsonrpc":"2.0","id":"«ask»","error":{"code":-1,"message":"no"}}
G> [u] {"jsonrpc":"2.0","id":3,"error":{"code":-1,"message":"no"}}
U< [u] {"jsonrpc":"2.0","id":"«call»","result":${DONE}}
G< [A] {"jsonrpc":"2.0","id":6,"result":${DONE}}
`,
  },
  {
    name: 'two clients are asked under one id of their servers, and neither can answer for the other',
    lines: `
C> [A opens 2025-11-25] {"elicitation":{}}
C> [A] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__merge","arguments":{"who":"A"}}}
G> [a] {"jsonrpc":"2.0","id":"«callA»","method":"tools/call","params":{"name":"merge","arguments":{"who":"A"}}}
C> [B opens 2025-11-25] {"elicitation":{}}
C> [B] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__merge","arguments":{"who":"B"}}}
G> [b] {"jsonrpc":"2.0","id":"«callB»","method":"tools/call","params":{"name":"merge","arguments":{"who":"B"}}}
U< [a] {"jsonrpc":"2.0","id":0,"method":"elicitation/create","params":${SURE}}
U< [b] {"jsonrpc":"2.0","id":0,"method":"elicitation/create","params":${SURE}}
G< [A] {"jsonrpc":"2.0","id":"«askA»","method":"elicitation/create","params":${SURE}}
G< [B] {"jsonrpc":"2.0","id":"«askB»","method":"elicitation/create","params":${SURE}}
C> [B] {"jsonrpc":"2.0","id":"«askA»","result":{"action":"accept","content":{"yes":true}}}
C> [A] {"jsonrpc":"2.0","id":"«askA»","result":{"action":"decline"}}
G> [a] {"jsonrpc":"2.0","id":0,"result":{"action":"decline"}}
C> [B] {"jsonrpc":"2.0","id":"«askB»","result":{"action":"cancel"}}
G> [b] {"jsonrpc":"2.0","id":0,"result":{"action":"cancel"}}
U< [b] {"jsonrpc":"2.0","id":"«callB»","result":{"content":[],"who":"B"}}
G< [B] {"jsonrpc":"2.0","id":1,"result":{"content":[],"who":"B"}}
U< [a] {"jsonrpc":"2.0","id":"«callA»","result":{"content":[],"who":"A"}}
G< [A] {"jsonrpc":"2.0","id":1,"result":{"content":[],"who":"A"}}
`,
  },
  {
    name: 'where nobody can be asked the server is refused at once',
    lines: `
C> [A opens 2025-11-25] {}
U< [shared own] {"jsonrpc":"2.0","id":3,"method":"sampling/createMessage","params":{${HI}}}
G> [shared] {"jsonrpc":"2.0","id":3,"error":{"code":-1,"message":"No client available"}}
U< [shared own] {"jsonrpc":"2.0","id":"4","method":"elicitation/create","params":${SURE}}
G> [shared] {"jsonrpc":"2.0","id":"4","result":{"action":"cancel"}}
U< [shared own] {"jsonrpc":"2.0","id":0,"method":"roots/list"}
G> [shared] {"jsonrpc":"2.0","id":0,"error":{"code":-32601,"message":"Method not found"}}
U< [shared own] {"jsonrpc":"2.0","id":1,"method":"tools/list"}
G> [shared] {"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"Method not found"}}
`,
  },
  {
    name: 'a client is not asked what it did not declare, nor what its revision does not know',
    lines: `
C> [A opens 2025-06-18] {"elicitation":{"form":{},"url":{}},"sampling":{"tools":{}}}
C> [A] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__merge","arguments":{}}}
G> [u opens] {"elicitation":{},"sampling":{}}
G> [u] {"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"merge","arguments":{}}}
U< [u] {"jsonrpc":"2.0","id":1,"method":"roots/list"}
G> [u] {"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"Method not found"}}
U< [u] {"jsonrpc":"2.0","id":2,"method":"elicitation/create","params":{"mode":"url","message":"Sign in","url":"https://crm.example/auth","elicitationId":"e1"}}
G> [u] {"jsonrpc":"2.0","id":2,"result":{"action":"cancel"}}
U< [u] {"jsonrpc":"2.0","id":"«call»","result":${DONE}}
G< [A] {"jsonrpc":"2.0","id":1,"result":${DONE}}
`,
  },
  {
    name: 'a revision that has no elicitation declares none',
    upstream: CONNECTIONS,
    lines: `
C> [A opens 2025-03-26] {"elicitation":{}}
C> [A] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__merge","arguments":{}}}
G> [shared] {"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"merge","arguments":{}}}
U< [shared] {"jsonrpc":"2.0","id":2,"method":"elicitation/create","params":${SURE}}
G> [shared] {"jsonrpc":"2.0","id":2,"result":{"action":"cancel"}}
U< [shared] {"jsonrpc":"2.0","id":"«call»","result":${DONE}}
G< [A] {"jsonrpc":"2.0","id":1,"result":${DONE}}
`,
  },
  {
    name: 'to a client of 2025-06-18 a form is said in its words',
    lines: `
C> [A opens 2025-06-18] {"elicitation":{}}
C> [A] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__merge","arguments":{}}}
G> [u] {"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"merge","arguments":{}}}
U< [u] {"jsonrpc":"2.0","id":0,"method":"elicitation/create","params":{"mode":"form","message":"Colour?","requestedSchema":{"type":"object","properties":{"c":{"type":"string","oneOf":[{"const":"r","title":"Red"},{"const":"g","title":"Green"}]}}}}}
G< [A] {"jsonrpc":"2.0","id":"«ask»","method":"elicitation/create","params":{"message":"Colour?","requestedSchema":{"type":"object","properties":{"c":{"type":"string","enum":["r","g"],"enumNames":["Red","Green"]}}}}}
C> [A] {"jsonrpc":"2.0","id":"«ask»","result":{"action":"accept","content":{"c":"g"}}}
G> [u] {"jsonrpc":"2.0","id":0,"result":{"action":"accept","content":{"c":"g"}}}
U< [u] {"jsonrpc":"2.0","id":"«call»","result":${DONE}}
G< [A] {"jsonrpc":"2.0","id":1,"result":${DONE}}
`,
  },
  {
    name: 'who is sent to a URL hears that it is done',
    lines: `
C> [A opens 2025-11-25] {"elicitation":{"url":{}}}
C> [A] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__login","arguments":{}}}
G> [u opens] {"elicitation":{"url":{}}}
G> [u] {"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"login","arguments":{}}}
U< [u] {"jsonrpc":"2.0","id":0,"method":"elicitation/create","params":{"mode":"url","message":"Sign in","url":"https://crm.example/auth","elicitationId":"e1"}}
G< [A] {"jsonrpc":"2.0","id":"«ask»","method":"elicitation/create","params":{"mode":"url","message":"Sign in","url":"https://crm.example/auth","elicitationId":"e1"}}
C> [A] {"jsonrpc":"2.0","id":"«ask»","result":{"action":"accept"}}
G> [u] {"jsonrpc":"2.0","id":0,"result":{"action":"accept"}}
U< [u own] {"jsonrpc":"2.0","method":"notifications/elicitation/complete","params":{"elicitationId":"e1"}}
G< [A own] {"jsonrpc":"2.0","method":"notifications/elicitation/complete","params":{"elicitationId":"e1"}}
U< [u] {"jsonrpc":"2.0","id":"«call»","result":${DONE}}
G< [A] {"jsonrpc":"2.0","id":1,"result":${DONE}}
`,
  },
  {
    name: 'a request in a batch is asked before the replies of the batch come together',
    lines: `
C> [A opens 2025-03-26] {"sampling":{}}
C> [A] [{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"crm__merge","arguments":{}}}]
G> [u] {"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"merge","arguments":{}}}
U< [u] {"jsonrpc":"2.0","id":0,"method":"sampling/createMessage","params":{${HI}}}
G< [A] {"jsonrpc":"2.0","id":"«ask»","method":"sampling/createMessage","params":{${HI}}}
C> [A] [{"jsonrpc":"2.0","id":"«ask»","result":{"role":"assistant","content":{"type":"text","text":"hello"},"model":"m"}}]
G> [u] {"jsonrpc":"2.0","id":0,"result":{"role":"assistant","content":{"type":"text","text":"hello"},"model":"m"}}
U< [u] {"jsonrpc":"2.0","id":"«call»","result":${DONE}}
G< [A] [{"jsonrpc":"2.0","id":1,"result":{}},{"jsonrpc":"2.0","id":2,"result":${DONE}}]
`,
  },
  {
    name: 'in a batch a revision without elicitation is not asked for one',
    lines: `
C> [A opens 2025-03-26] {"sampling":{},"elicitation":{}}
C> [A] [{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"crm__merge","arguments":{}}},{"jsonrpc":"2.0","id":3,"method":"ping"}]
G> [u opens] {"sampling":{}}
G> [u] {"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"merge","arguments":{}}}
U< [u] {"jsonrpc":"2.0","id":0,"method":"elicitation/create","params":${SURE}}
G> [u] {"jsonrpc":"2.0","id":0,"result":{"action":"cancel"}}
U< [u] {"jsonrpc":"2.0","id":"«call»","result":${DONE}}
G< [A] [{"jsonrpc":"2.0","id":2,"result":${DONE}},{"jsonrpc":"2.0","id":3,"result":{}}]
`,
  },
]);
