import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import type { GoldenTransport } from '../support/golden-clients.ts';
import { Golden } from '../support/golden.ts';
import { endpointAt } from '../support/raw-clients.ts';
import { ScriptedSessions } from '../support/scripted-sessions.ts';

const TOOL = '{"name":"export","inputSchema":{"type":"object"}}';
const CHART =
  '{"name":"chart","inputSchema":{"type":"object"},"_meta":{"ui":{"resourceUri":"ui://chart"},"ui/resourceUri":"ui://chart"}}';

/** Exchanges as the specification wants them, on the wire of the running gateway: status, headers, id, code, data. */
describe('on the wire', () => {
  let gateway: RunningGateway;
  let crm: ScriptedSessions;
  let wiki: ScriptedSessions;

  beforeAll(async () => {
    crm = await ScriptedSessions.start('ws', {
      capabilities: { tools: {}, resources: {}, logging: {} },
      answers: {
        'tools/list': `{"tools":[${TOOL},${CHART}]}`,
        'resources/list': ({ cursor }) =>
          cursor === ''
            ? '{"resources":[{"uri":"db://row/2","name":"r2"}]}'
            : '{"resources":[{"uri":"db://row/1","name":"r1"}],"nextCursor":""}',
        'resources/templates/list': '{"resourceTemplates":[]}',
        'logging/setLevel': '{}',
      },
    });
    wiki = await ScriptedSessions.start('http', {
      capabilities: { tools: {}, prompts: {} },
      answers: { 'tools/list': '{"tools":[]}', 'prompts/list': '{"prompts":[{"name":"summarise"}]}' },
    });
    gateway = await startGateway(`${EPHEMERAL}
[gateway]
name = "gw"
list_ttl = 0
list_timeout = "300ms"
[middleware.timeout]
request = "2s"
[upstream.reconnect]
min = "10s"
[[upstream.groups.crm.servers]]
${crm.toml}
[[upstream.groups.wiki.servers]]
${wiki.toml}
`);
    await gateway.ready();
  });

  afterAll(async () => {
    await gateway?.stop();
    crm?.stop();
    wiki?.stop();
  });

  const golden = (transport: GoldenTransport = 'streamable_http'): Golden =>
    new Golden({ endpoint: endpointAt(gateway.url), socket: '', upstream: crm, transport });

  it.each([
    [
      'a client introduces itself and gets a session',
      `
C> [L - -] {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"elicitation":{"form":{},"url":{}},"sampling":{}},"clientInfo":{"name":"desk","version":"2"}}}
G< [200 | Mcp-Session-Id: «T»] {"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{"listChanged":true},"resources":{"listChanged":true},"prompts":{"listChanged":true},"logging":{}},"serverInfo":{"name":"gw","version":"«version»"}}}
C> [L 2025-11-25 «T»] {"jsonrpc":"2.0","method":"notifications/initialized"}
G< [202] ∅
`,
    ],
    [
      'an unknown version is countered with the newest, a known one is echoed',
      `
C> [L - -] {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2031-01-01","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}
G< [200 | Mcp-Session-Id: «T1»] {"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25","capabilities":"«c»","serverInfo":"«s»"}}
C> [L - -] {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2024-11-05","capabilities":{},"clientInfo":{"name":"old","version":"0.1"}}}
G< [200 | Mcp-Session-Id: «T2»] {"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2024-11-05","capabilities":"«c»","serverInfo":"«s»"}}
C> [L - -] {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2024-10-07","capabilities":{},"clientInfo":{"name":"older","version":"0.1"}}}
G< [200 | Mcp-Session-Id: «T3»] {"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2024-10-07","capabilities":"«c»","serverInfo":"«s»"}}
C> [L 2024-10-07 «T3»] {"jsonrpc":"2.0","id":2,"method":"ping"}
G< [200] {"jsonrpc":"2.0","id":2,"result":{}}
`,
    ],
    [
      'a session that is missing, unknown, or comes with an unknown version',
      `
C> [L - -] {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}
G< [200 | Mcp-Session-Id: «T»] {"jsonrpc":"2.0","id":1,"result":"«r»"}
C> [L 2025-11-25 -] {"jsonrpc":"2.0","id":2,"method":"tools/list"}
G< [400] {"jsonrpc":"2.0","id":2,"error":{"code":-32000,"message":"Mcp-Session-Id required"}}
C> [L 2025-11-25 gone] {"jsonrpc":"2.0","id":3,"method":"tools/list"}
G< [404] {"jsonrpc":"2.0","id":3,"error":{"code":-32001,"message":"Session not found"}}
C> [L 1999-01-01 «T»] {"jsonrpc":"2.0","id":4,"method":"tools/list"}
G< [400] {"jsonrpc":"2.0","id":4,"error":{"code":-32000,"message":"Unsupported protocol version"}}
C> [L 2025-11-25 «T»] {"jsonrpc":"2.0","id":5,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}
G< [400] {"jsonrpc":"2.0","id":5,"error":{"code":-32600,"message":"already initialized"}}
`,
    ],
    [
      'a batch exists in 2025-03-26 only, and never with an introduction',
      `
C> [L - -] {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-03-26","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}
G< [200 | Mcp-Session-Id: «T»] {"jsonrpc":"2.0","id":1,"result":"«r»"}
C> [L 2025-03-26 «T»] [{"jsonrpc":"2.0","id":5,"method":"ping"},{"jsonrpc":"2.0","method":"notifications/initialized"},{"jsonrpc":"2.0","id":6,"method":"nope"},7]
G< [200] [{"jsonrpc":"2.0","id":5,"result":{}},{"jsonrpc":"2.0","id":6,"error":{"code":-32601,"message":"Method not found"}},{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"not a message"}}]
C> [L 2025-03-26 «T»] []
G< [400] {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"empty"}}
C> [L 2025-03-26 «T»] [{"jsonrpc":"2.0","method":"notifications/initialized"}]
G< [202] ∅
C> [L - -] {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}
G< [200 | Mcp-Session-Id: «T6»] {"jsonrpc":"2.0","id":1,"result":"«r6»"}
C> [L 2025-06-18 «T6»] [{"jsonrpc":"2.0","id":5,"method":"ping"}]
G< [400] {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Batching is not supported"}}
C> [L - -] [{"jsonrpc":"2.0","id":7,"method":"initialize","params":{"protocolVersion":"2025-03-26","capabilities":{},"clientInfo":{"name":"x","version":"1"}}},{"jsonrpc":"2.0","id":8,"method":"ping"}]
G< [400] {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"initialize must not be batched"}}
`,
    ],
    [
      'a session that was ended is unknown',
      `
C> [L - -] {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}
G< [200 | Mcp-Session-Id: «T»] {"jsonrpc":"2.0","id":1,"result":"«r»"}
C> [DELETE «T»] ∅
G< [200] ∅
C> [L 2025-11-25 «T»] {"jsonrpc":"2.0","id":10,"method":"ping"}
G< [404] {"jsonrpc":"2.0","id":10,"error":{"code":-32001,"message":"Session not found"}}
`,
    ],
    [
      'ping is answered by the gateway itself, both ways',
      `
C> [ws] {"jsonrpc":"2.0","id":"p1","method":"ping"}
G< [ws] {"jsonrpc":"2.0","id":"p1","result":{}}
U< [shared] {"jsonrpc":"2.0","id":0,"method":"ping"}
G> [shared] {"jsonrpc":"2.0","id":0,"result":{}}
`,
    ],
    [
      'a cancellation carries the id of each leg, and nothing more is said',
      `
C> [ws] {"jsonrpc":"2.0","id":11,"method":"tools/call","params":{"name":"crm__export","arguments":{}}}
G> [shared] {"jsonrpc":"2.0","id":"«u»","method":"tools/call","params":{"name":"export","arguments":{}}}
C> [ws] {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":11,"reason":"user"}}
G> [shared] {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"«u»","reason":"user"}}
U< [shared] {"jsonrpc":"2.0","id":"«u»","result":{"content":[]}}
C> [ws] {"jsonrpc":"2.0","id":12,"method":"ping"}
G< [ws] {"jsonrpc":"2.0","id":12,"result":{}}
`,
    ],
    [
      'a missing resource, a bad log level, an unknown tool, a method of another era',
      `
C> [L - -] {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}
G< [200 | Mcp-Session-Id: «T»] {"jsonrpc":"2.0","id":1,"result":"«r»"}
C> [L 2025-11-25 «T»] {"jsonrpc":"2.0","id":12,"method":"resources/read","params":{"uri":"crm+db://row/404"}}
G> [shared] {"jsonrpc":"2.0","id":"«u»","method":"resources/read","params":{"uri":"db://row/404"}}
U< [shared] {"jsonrpc":"2.0","id":"«u»","error":{"code":-32002,"message":"Resource not found","data":{"uri":"db://row/404"}}}
G< [200] {"jsonrpc":"2.0","id":12,"error":{"code":-32002,"message":"Resource not found","data":{"uri":"crm+db://row/404"}}}
C> [L 2025-11-25 «T»] {"jsonrpc":"2.0","id":13,"method":"resources/read","params":{"uri":"nobody://row/404"}}
G< [200] {"jsonrpc":"2.0","id":13,"error":{"code":-32002,"message":"Resource not found","data":{"uri":"nobody://row/404"}}}
C> [L 2025-11-25 «T»] {"jsonrpc":"2.0","id":14,"method":"logging/setLevel","params":{"level":"loud"}}
G< [200] {"jsonrpc":"2.0","id":14,"error":{"code":-32602,"message":"Invalid level"}}
C> [L 2025-11-25 «T»] {"jsonrpc":"2.0","id":15,"method":"tools/call","params":{"name":"crm__nope"}}
G< [200] {"jsonrpc":"2.0","id":15,"error":{"code":-32602,"message":"Unknown tool: crm__nope"}}
C> [L 2025-11-25 «T»] {"jsonrpc":"2.0","id":16,"method":"resources/subscribe","params":{"uri":"crm+db://row/1"}}
G< [200] {"jsonrpc":"2.0","id":16,"error":{"code":-32601,"message":"Method not found"}}
C> [L 2025-11-25 «T»] {"jsonrpc":"2.0","id":17,"method":"sampling/createMessage","params":{}}
G< [200] {"jsonrpc":"2.0","id":17,"error":{"code":-32601,"message":"Method not found"}}
C> [L 2025-11-25 «T»] {"jsonrpc":"2.0","id":18,"method":"notifications/cancelled","params":{"requestId":1}}
G< [200] {"jsonrpc":"2.0","id":18,"error":{"code":-32601,"message":"Method not found"}}
C> [L 2025-11-25 «T»] {"jsonrpc":"2.0","id":19,"result":{}}
G< [202] ∅
C> [L - -] {"jsonrpc":"2.0","id":20,"method":"server/discover"}
G< [200] {"jsonrpc":"2.0","id":20,"error":{"code":-32601,"message":"Method not found"}}
`,
    ],
    [
      'messages that are none',
      `
C> [L - -] {oops
G< [400] {"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}
C> [L - -] 7
G< [400] {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"not a message"}}
C> [L - -] {"jsonrpc":"2.0","id":null,"method":"ping"}
G< [400] {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"id"}}
C> [L - -] {"jsonrpc":"2.0","id":1.5,"method":"ping"}
G< [400] {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"id"}}
C> [L - -] {"jsonrpc":"1.0","id":21,"method":"ping"}
G< [400] {"jsonrpc":"2.0","id":21,"error":{"code":-32600,"message":"jsonrpc"}}
C> [L - -] {"jsonrpc":"2.0","id":22,"method":"initialize","params":[]}
G< [400] {"jsonrpc":"2.0","id":22,"error":{"code":-32600,"message":"params"}}
C> [L - -] {"jsonrpc":"2.0","id":23,"method":"initialize"}
G< [200] {"jsonrpc":"2.0","id":23,"error":{"code":-32602,"message":"protocolVersion"}}
C> [ws] {oops
G< [ws] {"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"}}
C> [ws binary] ∅
G< [ws close 1003] ∅
`,
    ],
    [
      'two clients use one id and one progress token on one upstream connection',
      `
C> [ws A] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__export","arguments":{},"_meta":{"progressToken":1}}}
G> [shared] {"jsonrpc":"2.0","id":"«a»","method":"tools/call","params":{"name":"export","arguments":{},"_meta":{"progressToken":"«ta»"}}}
C> [ws B] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__export","arguments":{},"_meta":{"progressToken":"1"}}}
G> [shared] {"jsonrpc":"2.0","id":"«b»","method":"tools/call","params":{"name":"export","arguments":{},"_meta":{"progressToken":"«tb»"}}}
U< [shared] {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"«tb»","progress":5}}
G< [ws B] {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"1","progress":5}}
U< [shared] {"jsonrpc":"2.0","id":"«b»","result":{"content":[],"who":"B"}}
G< [ws B] {"jsonrpc":"2.0","id":1,"result":{"content":[],"who":"B"}}
U< [shared] {"jsonrpc":"2.0","id":"«a»","result":{"content":[],"who":"A"}}
G< [ws A] {"jsonrpc":"2.0","id":1,"result":{"content":[],"who":"A"}}
`,
    ],
    [
      'ids keep their value and their type',
      `
C> [ws] {"jsonrpc":"2.0","id":0,"method":"ping"}
G< [ws] {"jsonrpc":"2.0","id":0,"result":{}}
C> [ws] {"jsonrpc":"2.0","id":"","method":"ping"}
G< [ws] {"jsonrpc":"2.0","id":"","result":{}}
C> [ws] {"jsonrpc":"2.0","id":"0","method":"ping"}
G< [ws] {"jsonrpc":"2.0","id":"0","result":{}}
C> [ws] {"jsonrpc":"2.0","id":-9007199254740991,"method":"ping"}
G< [ws] {"jsonrpc":"2.0","id":-9007199254740991,"result":{}}
`,
    ],
    [
      'an id that is in flight is refused without the id, and the first call is untouched',
      `
C> [ws] {"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"crm__export","arguments":{}}}
G> [shared] {"jsonrpc":"2.0","id":"«u»","method":"tools/call","params":{"name":"export","arguments":{}}}
C> [ws] {"jsonrpc":"2.0","id":9,"method":"tools/list"}
G< [ws] {"jsonrpc":"2.0","error":{"code":-32600,"message":"Duplicate request id","data":{"id":9}}}
U< [shared] {"jsonrpc":"2.0","id":"«u»","result":{"content":[]}}
G< [ws] {"jsonrpc":"2.0","id":9,"result":{"content":[]}}
`,
    ],
    [
      'progress comes before the reply on the stream of the request',
      `
C> [L - -] {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}
G< [200 | Mcp-Session-Id: «T»] {"jsonrpc":"2.0","id":1,"result":"«r»"}
C> [L 2025-06-18 «T»] {"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"crm__export","_meta":{"progressToken":0}}}
G> [shared] {"jsonrpc":"2.0","id":"«u»","method":"tools/call","params":{"name":"export","_meta":{"progressToken":"«t»"}}}
U< [shared] {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"«t»","progress":1}}
G< [200 sse] {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":0,"progress":1}}
U< [shared] {"jsonrpc":"2.0","id":"«u»","result":{"content":[{"type":"resource_link","uri":"db://row/1","name":"Ada"}]}}
G< [sse] {"jsonrpc":"2.0","id":2,"result":{"content":[{"type":"resource_link","uri":"crm+db://row/1","name":"Ada"}]}}
`,
    ],
    [
      'the empty cursor of a server is a cursor',
      `
C> [ws] {"jsonrpc":"2.0","id":65,"method":"resources/list"}
G< [ws] {"jsonrpc":"2.0","id":65,"result":{"resources":[{"uri":"crm+db://row/1","name":"r1"}],"nextCursor":"«c»"}}
C> [ws] {"jsonrpc":"2.0","id":66,"method":"resources/list","params":{"cursor":"«c»"}}
G< [ws] {"jsonrpc":"2.0","id":66,"result":{"resources":[{"uri":"crm+db://row/2","name":"r2"}]}}
C> [ws] {"jsonrpc":"2.0","id":67,"method":"resources/list","params":{"cursor":"abc"}}
G< [ws] {"jsonrpc":"2.0","id":67,"error":{"code":-32602,"message":"Invalid cursor"}}
`,
    ],
    [
      'an MCP App keeps its scheme in both spellings',
      `
C> [ws] {"jsonrpc":"2.0","id":86,"method":"tools/list"}
G< [ws] {"jsonrpc":"2.0","id":86,"result":{"tools":[{"name":"crm__export","inputSchema":{"type":"object"}},{"name":"crm__chart","inputSchema":{"type":"object"},"_meta":{"ui":{"resourceUri":"ui://crm/chart"},"ui/resourceUri":"ui://crm/chart"}}]}}
`,
    ],
  ])('%s', async (_, exchange) => {
    await golden().play(exchange);
  });

  describe('when the server is gone', () => {
    beforeAll(() => crm.stop());

    it.each(['websocket', 'streamable_http', 'sse'] as const)(
      'a list does without its group, and a call to it fails (%s)',
      async (transport) => {
        await golden(transport).play(`
C> [A opens 2025-11-25] {}
C> [A] {"jsonrpc":"2.0","id":85,"method":"prompts/list"}
G< [A] {"jsonrpc":"2.0","id":85,"result":{"prompts":[{"name":"wiki__summarise"}]}}
C> [A] {"jsonrpc":"2.0","id":86,"method":"resources/list"}
G< [A] {"jsonrpc":"2.0","id":86,"result":{"resources":[{"uri":"crm+db://row/1","name":"r1"}],"nextCursor":"«c»","_meta":{"mcp-gateway/degraded":["crm"]}}}
C> [A] {"jsonrpc":"2.0","id":64,"method":"tools/call","params":{"name":"crm__export"}}
G< [A] {"jsonrpc":"2.0","id":64,"error":{"code":-32603,"message":"Upstream unavailable","data":{"reason":"upstream_unavailable"}}}
`);
      },
    );
  });
});
