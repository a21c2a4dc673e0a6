import { GoldenStage, type Exchange } from '../support/golden-stage.ts';

const open = (revision: string, capabilities = '{}'): string => `
C> [L - -] {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"${revision}","capabilities":${capabilities},"clientInfo":{"name":"desk","version":"2"}}}
G< [200 | Mcp-Session-Id: «T»] {"jsonrpc":"2.0","id":0,"result":"«r»"}
C> [L ${revision} «T»] {"jsonrpc":"2.0","method":"notifications/initialized"}
G< [202] ∅`;

const call = (id: number | string): string =>
  `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":"tools/call","params":{"name":"crm__export","arguments":{},"_meta":{"progressToken":1}}}`;
const CALLED =
  '{"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"export","arguments":{},"_meta":{"progressToken":"«token»"}}}';
const DONE = '{"content":[{"type":"text","text":"done"}]}';

function progress(token: string, value: number): string {
  return `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${token},"progress":${value}}}`;
}

/** Streams of clients: what is an event, what is its id, and what is said again to whoever comes back. */
const STREAMS: readonly Exchange[] = [
  {
    name: 'a stream that broke goes on where the client left it',
    lines: `${open('2025-11-25')}
C> [L 2025-11-25 «T»] ${call(9)}
G> [shared] ${CALLED}
U< [shared] ${progress('"«token»"', 1)}
G< [200 sse id=«e0» retry=1000] ∅
G< [sse id=«e1»] ${progress('1', 1)}
C> [drop] ∅
U< [shared] ${progress('"«token»"', 2)}
U< [shared] {"jsonrpc":"2.0","id":"«call»","result":${DONE}}
C> [GET /mcp | Last-Event-ID: «e1» ; Mcp-Session-Id: «T»] ∅
G< [200 sse id=«e2»] ${progress('1', 2)}
G< [sse id=«e3»] {"jsonrpc":"2.0","id":9,"result":${DONE}}
G< [sse] ends
`,
  },
  {
    name: 'who comes back with the first id gets everything, and an older revision is not primed',
    lines: `${open('2025-06-18')}
C> [L 2025-06-18 «T»] ${call('nine')}
G> [shared] ${CALLED}
U< [shared] ${progress('"«token»"', 1)}
G< [200 sse id=«e1»] ${progress('1', 1)}
U< [shared] ${progress('"«token»"', 2)}
G< [sse id=«e2»] ${progress('1', 2)}
C> [drop] ∅
C> [GET /mcp | Last-Event-ID: «e1» ; Mcp-Session-Id: «T»] ∅
G< [200 sse id=«e2»] ${progress('1', 2)}
U< [shared] {"jsonrpc":"2.0","id":"«call»","result":${DONE}}
G< [sse id=«e3»] {"jsonrpc":"2.0","id":"nine","result":${DONE}}
`,
  },
  {
    name: 'an event id of somebody else, or of nobody, is not known',
    lines: `${open('2025-11-25')}
C> [L 2025-11-25 «T»] ${call(9)}
G> [shared] ${CALLED}
U< [shared] ${progress('"«token»"', 1)}
G< [200 sse id=«e0» retry=1000] ∅
G< [sse id=«e1»] ${progress('1', 1)}
C> [L - -] {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"other","version":"2"}}}
G< [200 | Mcp-Session-Id: «T2»] {"jsonrpc":"2.0","id":0,"result":"«r2»"}
C> [GET /mcp as other | Last-Event-ID: «e1» ; Mcp-Session-Id: «T2»] ∅
G< [400] {"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"unknown"}}
C> [GET /mcp as other | Last-Event-ID: made-up ; Mcp-Session-Id: «T»] ∅
G< [400] {"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"unknown"}}
U< [shared] {"jsonrpc":"2.0","id":"«call»","result":${DONE}}
G< [sse id=«e2»] {"jsonrpc":"2.0","id":9,"result":${DONE}}
`,
  },
  {
    name: 'a connection that breaks cancels nothing; only a cancellation does',
    lines: `${open('2025-11-25')}
C> [L 2025-11-25 «T»] ${call(9)}
G> [shared] ${CALLED}
U< [shared] ${progress('"«token»"', 1)}
G< [200 sse id=«e0» retry=1000] ∅
C> [drop] ∅
C> [L 2025-11-25 «T»] {"jsonrpc":"2.0","id":10,"method":"ping"}
G< [200] {"jsonrpc":"2.0","id":10,"result":{}}
C> [L 2025-11-25 «T»] {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":9}}
G< [202] ∅
G> [shared] {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"«call»","reason":"«why»"}}
`,
  },
  {
    name: 'an id that is in flight is refused on the POST that repeats it, and the first call is untouched',
    lines: `${open('2025-11-25')}
C> [L 2025-11-25 «T»] ${call(9)}
G> [shared] ${CALLED}
C> [L 2025-11-25 «T» as second] {"jsonrpc":"2.0","id":9,"method":"ping"}
U< [shared] ${progress('"«token»"', 1)}
G< [200 sse] ${progress('1', 1)}
G< [400] {"jsonrpc":"2.0","id":"«id»","error":{"code":-32600,"message":"Duplicate request id"}}
U< [shared] {"jsonrpc":"2.0","id":"«call»","result":${DONE}}
G< [sse] {"jsonrpc":"2.0","id":9,"result":${DONE}}
`,
  },
  {
    name: 'questions and answers go over the POST of the request, a POST of their own, and the stream of the session',
    lines: `${open('2025-11-25', '{"roots":{}}')}
C> [GET /mcp as own | Mcp-Session-Id: «T»] ∅
C> [L 2025-11-25 «T» as call] ${call(9)}
G> [u] ${CALLED}
U< [u] {"jsonrpc":"2.0","id":"q","method":"roots/list"}
G< [200 sse own id=«o0» retry=1000] ∅
G< [200 sse call] {"jsonrpc":"2.0","id":"«ask»","method":"roots/list"}
C> [L 2025-11-25 «T»] {"jsonrpc":"2.0","id":"«ask»","result":{"roots":[]}}
G< [202] ∅
G> [u] {"jsonrpc":"2.0","id":"q","result":{"roots":[]}}
U< [u] {"jsonrpc":"2.0","id":"«call»","result":${DONE}}
G< [sse call] {"jsonrpc":"2.0","id":9,"result":${DONE}}
U< [u own] {"jsonrpc":"2.0","id":"r","method":"roots/list"}
G< [sse own id=«o1»] {"jsonrpc":"2.0","id":"«ask2»","method":"roots/list"}
C> [drop own] ∅
C> [GET /mcp as own | Last-Event-ID: «o0» ; Mcp-Session-Id: «T»] ∅
G< [200 sse own id=«o1»] {"jsonrpc":"2.0","id":"«ask2»","method":"roots/list"}
C> [L 2025-11-25 «T»] {"jsonrpc":"2.0","id":"«ask2»","result":{"roots":[]}}
G< [202] ∅
G> [u] {"jsonrpc":"2.0","id":"r","result":{"roots":[]}}
C> [DELETE «T»] ∅
G< [200] ∅
G> [u closes] ∅
`,
  },
  {
    name: 'HTTP+SSE replies on the stream that it was opened with',
    lines: `
C> [GET /sse] ∅
G< [200 sse event=endpoint data=«path»?sessionId=«K»] ∅
C> [POST «path»?sessionId=«K»] {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2024-11-05","capabilities":{},"clientInfo":{"name":"old","version":"0.1"}}}
G< [202] ∅
G< [sse event=message] {"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2024-11-05","capabilities":"«c»","serverInfo":{"name":"gw","version":"«v»"}}}
C> [POST «path»?sessionId=«K»] {"jsonrpc":"2.0","method":"notifications/initialized"}
G< [202] ∅
C> [POST «path»?sessionId=nope] {"jsonrpc":"2.0","id":2,"method":"ping"}
G< [404] ∅
C> [POST «path»?sessionId=«K»] {oops
G< [400] {"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}
C> [POST «path»?sessionId=«K»] [{"jsonrpc":"2.0","id":3,"method":"ping"}]
G< [400] {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Batching is not supported"}}
C> [POST «path»?sessionId=«K» | MCP-Protocol-Version: 2024-11-05] {"jsonrpc":"2.0","id":4,"method":"ping"}
G< [202] ∅
G< [sse event=message] {"jsonrpc":"2.0","id":4,"result":{}}
C> [POST /sse] {"jsonrpc":"2.0","id":5,"method":"ping"}
G< [405 | Allow: GET] "«body»"
`,
  },
];

describe('on the streams of HTTP', () => {
  let stage: GoldenStage;

  beforeAll(async () => {
    stage = await GoldenStage.of('ws');
  });

  afterAll(() => stage?.stop());

  it.each(STREAMS)('$name', (exchange) => stage.play(exchange, 'streamable_http'));
});

/** What a server over Streamable HTTP gets to see: its own session ids and its own revision. */
const SERVERS: readonly Exchange[] = [
  {
    name: 'requests carry the session and the revision of their server',
    lines: `
C> [A opens 2025-11-25] {}
C> [A] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__find"}}
G> [u | Mcp-Session-Id: «U» ; MCP-Protocol-Version: 2025-06-18 ; Content-Type: application/json ; Accept: application/json, text/event-stream] {"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"find"}}
U< [u] {"jsonrpc":"2.0","id":"«call»","result":${DONE}}
G< [A] {"jsonrpc":"2.0","id":1,"result":${DONE}}
C> [A closes] ∅
G> [u closes] ∅
`,
  },
  {
    name: 'a response that the server ends early is gone on with, from its last event',
    lines: `
C> [A opens 2025-11-25] {}
C> [A] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__find","_meta":{"progressToken":7}}}
G> [u | Mcp-Session-Id: «U»] {"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"find","_meta":{"progressToken":"«token»"}}}
U< [u event id=e0 retry=10] ∅
U< [u event id=e1] ${progress('"«token»"', 1)}
G< [A] ${progress('7', 1)}
U< [u ends] ∅
G> [u | Last-Event-ID: e1 ; Mcp-Session-Id: «U» ; Accept: text/event-stream ; MCP-Protocol-Version: 2025-06-18] ∅
U< [u event id=e2] ${progress('"«token»"', 2)}
G< [A] ${progress('7', 2)}
U< [u] {"jsonrpc":"2.0","id":"«call»","result":${DONE}}
G< [A] {"jsonrpc":"2.0","id":1,"result":${DONE}}
`,
  },
  {
    name: 'a session that the server lost is opened anew, once, and what it did not take is sent again',
    lines: `
C> [A opens 2025-11-25] {"sampling":{}}
C> [A] {"jsonrpc":"2.0","id":50,"method":"resources/subscribe","params":{"uri":"crm+db://row/1"}}
G> [u | Mcp-Session-Id: «U1»] {"jsonrpc":"2.0","id":"«on»","method":"resources/subscribe","params":{"uri":"db://row/1"}}
U< [u] {"jsonrpc":"2.0","id":"«on»","result":{}}
G< [A] {"jsonrpc":"2.0","id":50,"result":{}}
C> [A] {"jsonrpc":"2.0","id":51,"method":"tools/call","params":{"name":"crm__find","arguments":{"q":"x"}}}
G> [u | Mcp-Session-Id: «U1»] {"jsonrpc":"2.0","id":"«lost»","method":"tools/call","params":{"name":"find","arguments":{"q":"x"}}}
U< [u 404] "«lost»"
G> [v opens] {"sampling":{}}
G> [v | Mcp-Session-Id: «U2» ; MCP-Protocol-Version: 2025-06-18] {"jsonrpc":"2.0","id":"«again»","method":"tools/call","params":{"name":"find","arguments":{"q":"x"}}}
G> [v | Mcp-Session-Id: «U2»] {"jsonrpc":"2.0","id":"«renewed»","method":"resources/subscribe","params":{"uri":"db://row/1"}}
U< [v] {"jsonrpc":"2.0","id":"«renewed»","result":{}}
G< [A own] {"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"crm+db://row/1"}}
U< [v] {"jsonrpc":"2.0","id":"«again»","result":${DONE}}
G< [A] {"jsonrpc":"2.0","id":51,"result":${DONE}}
`,
  },
];

describe('in front of a server that forgets', () => {
  let stage: GoldenStage;

  beforeAll(async () => {
    stage = await GoldenStage.of('http', '2025-06-18');
  });

  afterAll(() => stage?.stop());

  it.each(SERVERS)('$name', (exchange) => stage.play(exchange, 'streamable_http'));
});
