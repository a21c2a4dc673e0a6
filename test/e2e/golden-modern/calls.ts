import { DUPLEX, type ModernExchange } from '../../support/golden-modern-stage.ts';

const ASKED =
  '{"ok":{"method":"elicitation/create","params":{"mode":"form","message":"Merge 1 into 2?","requestedSchema":{"type":"object","properties":{"yes":{"type":"boolean"}},"required":["yes"]}}}}';
const ASK_FOR_MERGE = `
C> [M tools/call crm__merge] {"jsonrpc":"2.0","id":24,"method":"tools/call","params":{"name":"crm__merge","arguments":{"a":1,"b":2},@F}}
G< [200] {"jsonrpc":"2.0","id":24,"result":{"resultType":"input_required","inputRequests":${ASKED},"requestState":"«S1»",@S}}`;
const YES = '"inputResponses":{"ok":{"action":"accept","content":{"yes":true}}}';

/** Requests that go to a server, and what comes of them. */
export const CALLS: readonly ModernExchange[] = [
  {
    name: 'G13: Mcp-Name mismatch',
    lines: `
C> [M tools/call crm__find] {"jsonrpc":"2.0","id":13,"method":"tools/call","params":{"name":"crm__delete","arguments":{},@E}}
G< [400] {"jsonrpc":"2.0","id":13,"error":{"code":-32020,"message":"Mcp-Name does not match params.name"}}
`,
  },
  {
    name: 'G14: non-ASCII name arrives base64 encoded',
    lines: `
C> [M /mcp/wiki prompts/get =?base64?Y2Fmw6k=?=] {"jsonrpc":"2.0","id":14,"method":"prompts/get","params":{"name":"café",@E}}
G< [200] {"jsonrpc":"2.0","id":14,"result":{"resultType":"complete","messages":[{"role":"user","content":{"type":"text","text":"Recommend a café"}}],@S}}
`,
  },
  {
    name: 'G15: a plain name that looks like the sentinel must itself be encoded; bad base64 is refused',
    lines: `
C> [M prompts/get =?base64?PT9iYXNlNjQ/Wm05dj89?=] {"jsonrpc":"2.0","id":15,"method":"prompts/get","params":{"name":"=?base64?Zm9v?=",@E}}
G< [200] {"jsonrpc":"2.0","id":15,"error":{"code":-32602,"message":"Unknown prompt"}}
C> [M prompts/get =?base64?%%%?=] {"jsonrpc":"2.0","id":"15b","method":"prompts/get","params":{"name":"x",@E}}
G< [400] {"jsonrpc":"2.0","id":"15b","error":{"code":-32020,"message":"Mcp-Name is not valid base64"}}
`,
  },
  {
    name: 'G16: declared x-mcp-header "Region" on argument region; header absent',
    lines: `
C> [M tools/call crm__query] {"jsonrpc":"2.0","id":16,"method":"tools/call","params":{"name":"crm__query","arguments":{"region":"eu","limit":42},@E}}
G< [400] {"jsonrpc":"2.0","id":16,"error":{"code":-32020,"message":"Missing header Mcp-Param-Region"}}
`,
  },
  {
    name: 'G17: string and integer mirrored correctly (whitespace around values ignored)',
    lines: `
C> [M tools/call crm__query | Mcp-Param-Region:  eu  ; Mcp-Param-Limit: 42] {"jsonrpc":"2.0","id":17,"method":"tools/call","params":{"name":"crm__query","arguments":{"region":"eu","limit":42},@E}}
G< [200] {"jsonrpc":"2.0","id":17,"result":{"resultType":"complete","content":[{"type":"text","text":"3 rows"}],@S}}
`,
  },
  {
    name: 'G18: argument null or absent: no Mcp-Param header expected',
    duplex: DUPLEX,
    lines: `
C> [M tools/call crm__query] {"jsonrpc":"2.0","id":18,"method":"tools/call","params":{"name":"crm__query","arguments":{"region":null},@E}}
G< [200] {"jsonrpc":"2.0","id":18,"result":{"resultType":"complete","content":[{"type":"text","text":"9 rows"}],@S}}
`,
  },
  {
    name: 'G19: unknown tool',
    duplex: DUPLEX,
    lines: `
C> [M tools/call nope] {"jsonrpc":"2.0","id":19,"method":"tools/call","params":{"name":"nope",@E}}
G< [200] {"jsonrpc":"2.0","id":19,"error":{"code":-32602,"message":"Unknown tool: nope"}}
`,
  },
  {
    name: 'G20: argument validation fails in the upstream: a tool error, not a protocol error',
    duplex: DUPLEX,
    lines: `
C> [M tools/call crm__find] {"jsonrpc":"2.0","id":20,"method":"tools/call","params":{"name":"crm__find","arguments":{"q":5},@E}}
G< [200] {"jsonrpc":"2.0","id":20,"result":{"resultType":"complete","isError":true,"content":[{"type":"text","text":"q must be a string"}],@S}}
`,
  },
  {
    name: 'G21: resource not found',
    duplex: DUPLEX,
    lines: `
C> [M resources/read crm+db://row/404] {"jsonrpc":"2.0","id":21,"method":"resources/read","params":{"uri":"crm+db://row/404",@E}}
G< [200] {"jsonrpc":"2.0","id":21,"error":{"code":-32602,"message":"Resource not found","data":{"uri":"crm+db://row/404"}}}
`,
  },
  {
    name: "G22: progress and log on the request's own stream",
    duplex: DUPLEX,
    lines: `
C> [M tools/call crm__export] {"jsonrpc":"2.0","id":22,"method":"tools/call","params":{"name":"crm__export","arguments":{},@E+{"progressToken":"p","io.modelcontextprotocol/logLevel":"info"}}}
G< [200 sse] {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"p","progress":1,"total":2}}
G< [sse] {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"half way"}}
G< [sse] {"jsonrpc":"2.0","id":22,"result":{"resultType":"complete","content":[{"type":"text","text":"done"}],@S}}
`,
  },
  {
    name: 'G23: required capability missing',
    duplex: DUPLEX,
    lines: `
C> [M tools/call crm__merge] {"jsonrpc":"2.0","id":23,"method":"tools/call","params":{"name":"crm__merge","arguments":{},@E}}
G< [400] {"jsonrpc":"2.0","id":23,"error":{"code":-32021,"message":"Client must support elicitation","data":{"requiredCapabilities":{"elicitation":{"form":{}}}}}}
`,
  },
  {
    name: 'G24: ask, retry, finish (new id, same method and params, byte-exact state)',
    duplex: DUPLEX,
    lines: `${ASK_FOR_MERGE}
C> [M tools/call crm__merge] {"jsonrpc":"2.0","id":25,"method":"tools/call","params":{"name":"crm__merge","arguments":{"a":1,"b":2},${YES},"requestState":"«S1»",@F}}
G< [200] {"jsonrpc":"2.0","id":25,"result":{"resultType":"complete","content":[{"type":"text","text":"merged"}],@S}}
`,
  },
  {
    name: 'G25: tampered, foreign or replayed-for-another-tool state',
    duplex: DUPLEX,
    lines: `${ASK_FOR_MERGE}
C> [M tools/call crm__merge] {"jsonrpc":"2.0","id":26,"method":"tools/call","params":{"name":"crm__merge","arguments":{"a":1,"b":2},${YES},"requestState":"«S1»x",@F}}
G< [200] {"jsonrpc":"2.0","id":26,"error":{"code":-32602,"message":"Invalid requestState"}}
C> [M tools/call crm__merge] {"jsonrpc":"2.0","id":26,"method":"tools/call","params":{"name":"crm__merge","arguments":{"a":1,"b":3},${YES},"requestState":"«S1»",@F}}
G< [200] {"jsonrpc":"2.0","id":26,"error":{"code":-32602,"message":"Invalid requestState"}}
C> [M tools/call crm__delete] {"jsonrpc":"2.0","id":26,"method":"tools/call","params":{"name":"crm__delete","arguments":{"a":1,"b":2},${YES},"requestState":"«S1»",@F}}
G< [200] {"jsonrpc":"2.0","id":26,"error":{"code":-32602,"message":"Invalid requestState"}}
C> [M tools/call crm__merge] {"jsonrpc":"2.0","id":26,"method":"tools/call","params":{"name":"crm__merge","arguments":{"a":1,"b":2},${YES},"requestState":"asked",@F}}
G< [200] {"jsonrpc":"2.0","id":26,"error":{"code":-32602,"message":"Invalid requestState"}}
C> [M tools/call crm__merge] {"jsonrpc":"2.0","id":26,"method":"tools/call","params":{"name":"crm__merge","arguments":{"a":1,"b":2},${YES},"requestState":7,@F}}
G< [200] {"jsonrpc":"2.0","id":26,"error":{"code":-32602,"message":"Invalid requestState"}}
`,
  },
  {
    name: 'G26: answer key missing: asked again, not an error',
    duplex: DUPLEX,
    lines: `${ASK_FOR_MERGE}
C> [M tools/call crm__merge] {"jsonrpc":"2.0","id":27,"method":"tools/call","params":{"name":"crm__merge","arguments":{"a":1,"b":2},"inputResponses":{"other":{"action":"accept","content":{}}},"requestState":"«S1»",@F}}
G< [200] {"jsonrpc":"2.0","id":27,"result":{"resultType":"input_required","inputRequests":${ASKED},"requestState":"«S2»",@S}}
C> [M tools/call crm__merge] {"jsonrpc":"2.0","id":28,"method":"tools/call","params":{"name":"crm__merge","arguments":{"a":1,"b":2},${YES},"requestState":"«S2»",@F}}
G< [200] {"jsonrpc":"2.0","id":28,"result":{"resultType":"complete","content":[{"type":"text","text":"merged"}],@S}}
`,
  },
  {
    name: 'G40: structured content may be any JSON value; unknown members and content types survive untouched',
    duplex: DUPLEX,
    lines: `
C> [M tools/call crm__ids] {"jsonrpc":"2.0","id":40,"method":"tools/call","params":{"name":"crm__ids","arguments":{},@E}}
G< [200] {"jsonrpc":"2.0","id":40,"result":{"resultType":"complete","content":[{"type":"text","text":"[1,2]"}],"structuredContent":[1,2],"x-vendor":{"cost":3},@S}}
`,
  },
];
