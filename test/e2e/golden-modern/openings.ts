import { DUPLEX, FRAMES, type ModernExchange } from '../../support/golden-modern-stage.ts';

const FIND = '{"type":"object","properties":{"q":{"type":"string"}},"required":["q"]}';
const QUERY =
  '{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"},"limit":{"type":"integer","x-mcp-header":"Limit"},"archived":{"type":"boolean","x-mcp-header":"Archived"}}}';
const TOOLS = [
  `{"name":"crm__find","description":"Find a customer","inputSchema":${FIND}}`,
  `{"name":"crm__query","inputSchema":${QUERY}}`,
  ...['export', 'merge', 'ids', 'delete', 'slow'].map(
    (name) => `{"name":"crm__${name}","inputSchema":{"type":"object"}}`,
  ),
  '{"name":"crm__chart","inputSchema":{"type":"object"},"_meta":{"ui":{"resourceUri":"ui://crm/chart"},"ui/resourceUri":"ui://crm/chart"}}',
].join(',');

/** Messages that are no request that anybody could answer, and requests that are refused before anybody is asked. */
export const OPENINGS: readonly ModernExchange[] = [
  {
    name: 'G01: discover',
    duplex: DUPLEX,
    lines: `
C> [M server/discover] {"jsonrpc":"2.0","id":1,"method":"server/discover","params":{@E+{"io.modelcontextprotocol/clientInfo":{"name":"ide","version":"3.1"}}}}
G< [200] {"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","supportedVersions":["2026-07-28","2025-11-25","2025-06-18","2025-03-26","2024-11-05"],"capabilities":{"tools":{"listChanged":true},"resources":{"listChanged":true,"subscribe":true},"prompts":{"listChanged":true},"completions":{},"extensions":{"io.modelcontextprotocol/tasks":{},"io.modelcontextprotocol/ui":{"mimeTypes":["text/html"]}}},"instructions":"Tools are prefixed with crm__ or wiki__.","ttlMs":60000,"cacheScope":"private",@S}}
`,
  },
  {
    name: 'G02: clientInfo omitted, string id: served',
    duplex: DUPLEX,
    lines: `
C> [M tools/list] {"jsonrpc":"2.0","id":"a-1","method":"tools/list","params":{@E}}
G< [200] {"jsonrpc":"2.0","id":"a-1","result":{"resultType":"complete","tools":[${TOOLS}],"ttlMs":"«1..30000»","cacheScope":"private",@S}}
`,
  },
  {
    name: 'G03: Mcp-Method missing',
    lines: `
C> [M tools/list | -Mcp-Method] {"jsonrpc":"2.0","id":3,"method":"tools/list","params":{@E}}
G< [400] {"jsonrpc":"2.0","id":3,"error":{"code":-32020,"message":"Missing required header Mcp-Method"}}
`,
  },
  {
    name: 'G04: version header missing while the envelope is present',
    lines: `
C> [M tools/list | -MCP-Protocol-Version] {"jsonrpc":"2.0","id":4,"method":"tools/list","params":{@E}}
G< [400] {"jsonrpc":"2.0","id":4,"error":{"code":-32020,"message":"Missing required header MCP-Protocol-Version"}}
`,
  },
  {
    name: 'G05: version header differs from envelope',
    lines: `
C> [M tools/list | MCP-Protocol-Version: 2025-11-25] {"jsonrpc":"2.0","id":5,"method":"tools/list","params":{@E}}
G< [400] {"jsonrpc":"2.0","id":5,"error":{"code":-32020,"message":"MCP-Protocol-Version does not match request metadata"}}
`,
  },
  {
    name: 'G06: unsupported version',
    lines: `
C> [M tools/list | MCP-Protocol-Version: 2027-01-01] {"jsonrpc":"2.0","id":6,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2027-01-01","io.modelcontextprotocol/clientCapabilities":{}}}}
G< [400] {"jsonrpc":"2.0","id":6,"error":{"code":-32022,"message":"Unsupported protocol version","data":{"supported":["2026-07-28"],"requested":"2027-01-01"}}}
`,
    duplex: DUPLEX,
  },
  {
    name: 'G07: clientCapabilities missing',
    duplex: DUPLEX,
    lines: `
C> [M tools/list] {"jsonrpc":"2.0","id":7,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}
G< [400] {"jsonrpc":"2.0","id":7,"error":{"code":-32602,"message":"Missing _meta io.modelcontextprotocol/clientCapabilities"}}
`,
  },
  {
    name: 'G08: modern headers, no _meta',
    lines: `
C> [M tools/list] {"jsonrpc":"2.0","id":8,"method":"tools/list"}
G< [400] {"jsonrpc":"2.0","id":8,"error":{"code":-32602,"message":"Missing request metadata"}}
`,
  },
  {
    name: 'G09: unknown method',
    duplex: DUPLEX,
    lines: `
C> [M tools/destroy] {"jsonrpc":"2.0","id":9,"method":"tools/destroy","params":{@E}}
G< [404] {"jsonrpc":"2.0","id":9,"error":{"code":-32601,"message":"Method not found"}}
`,
  },
  {
    name: 'G10: ping',
    duplex: DUPLEX,
    lines: `
C> [M ping] {"jsonrpc":"2.0","id":10,"method":"ping","params":{@E}}
G< [404] {"jsonrpc":"2.0","id":10,"error":{"code":-32601,"message":"Method not found"}}
`,
  },
  {
    name: 'G11: initialize with modern envelope',
    duplex: DUPLEX,
    lines: `
C> [M initialize] {"jsonrpc":"2.0","id":11,"method":"initialize","params":{"protocolVersion":"2026-07-28","capabilities":{},"clientInfo":{"name":"x","version":"1"},@E}}
G< [404] {"jsonrpc":"2.0","id":11,"error":{"code":-32601,"message":"Method not found"}}
`,
  },
  {
    name: 'G12: legacy initialize body under a modern version header',
    lines: `
C> [L 2026-07-28 -] {"jsonrpc":"2.0","id":12,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}
G< [400] {"jsonrpc":"2.0","id":12,"error":{"code":-32020,"message":"MCP-Protocol-Version does not match request"}}
`,
  },
  {
    name: 'G29: batch',
    duplex: FRAMES,
    lines: `
C> [M tools/list] [{"jsonrpc":"2.0","id":29,"method":"tools/list","params":{@E}}]
G< [400] {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Batching is not supported"}}
`,
  },
  {
    name: 'G30: null id',
    duplex: FRAMES,
    lines: `
C> [M tools/list] {"jsonrpc":"2.0","id":null,"method":"tools/list","params":{@E}}
G< [400] {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid request id"}}
`,
  },
  {
    name: 'G31: not JSON',
    duplex: FRAMES,
    lines: `
C> [M tools/list] {"jsonrpc":
G< [400] {"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}
`,
  },
  {
    name: 'G32: params array',
    duplex: FRAMES,
    lines: `
C> [M tools/list] {"jsonrpc":"2.0","id":32,"method":"tools/list","params":[]}
G< [400] {"jsonrpc":"2.0","id":32,"error":{"code":-32600,"message":"params must be an object"}}
`,
  },
  {
    name: 'G33: fractional id',
    duplex: FRAMES,
    lines: `
C> [M tools/list] {"jsonrpc":"2.0","id":1.5,"method":"tools/list","params":{@E}}
G< [400] {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid request id"}}
`,
  },
  {
    name: 'G34: foreign cursor',
    duplex: DUPLEX,
    lines: `
C> [M tools/list] {"jsonrpc":"2.0","id":34,"method":"tools/list","params":{"cursor":"zzz",@E}}
G< [200] {"jsonrpc":"2.0","id":34,"error":{"code":-32602,"message":"Invalid cursor"}}
`,
  },
  {
    name: 'G35: hostile Origin',
    lines: `
C> [M tools/list | Origin: https://evil.example] {"jsonrpc":"2.0","id":35,"method":"tools/list","params":{@E}}
G< [403] {"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Origin"}}
`,
  },
  {
    name: 'G39: unknown notification is accepted; a response body is not',
    lines: `
C> [M notifications/x-vendor] {"jsonrpc":"2.0","method":"notifications/x-vendor","params":{}}
G< [202] ∅
C> [L 2026-07-28 -] {"jsonrpc":"2.0","id":39,"result":{}}
G< [400] {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Responses are not accepted"}}
`,
  },
];
