import type { ModernExchange } from '../../support/golden-modern-stage.ts';

const FOUND = '"result":{"resultType":"complete","content":[{"type":"text","text":"ada"}],@S}';
const ROWS = '"result":{"resultType":"complete","content":[{"type":"text","text":"3 rows"}],@S}';
const MISMATCH = '"error":{"code":-32020,"message":"headers"}';
/** Before anybody has read the body. */
const TWICE = 'G< [400] {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"stands twice"}}';

const FIND = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__find","arguments":{"q":"a"},@E}}`;

/** With the headers as they are written, and whether they are taken. */
function finds(headers: string, isTaken: boolean): string {
  const answer = isTaken ? `[200] {"jsonrpc":"2.0","id":1,${FOUND}}` : `[400] {"jsonrpc":"2.0","id":1,${MISMATCH}}`;
  return `C> [M tools/call crm__find | ${headers}] ${FIND}\nG< ${answer}`;
}

function queries(args: string, headers: string, isTaken: boolean): string {
  const answer = isTaken ? `[200] {"jsonrpc":"2.0","id":1,${ROWS}}` : `[400] {"jsonrpc":"2.0","id":1,${MISMATCH}}`;
  const said = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__query","arguments":${args},@E}}`;
  return `C> [M tools/call crm__query | ${headers}] ${said}\nG< ${answer}`;
}

const ALL = '{"region":"eu","limit":42}';

/** What headers may look like that say the same as the body, and what they must not. */
export const HEADERS: readonly ModernExchange[] = [
  {
    name: 'names of headers are written in any case, values are trimmed',
    lines: [
      finds('MCP-METHOD: tools/call ; mcp-name: crm__find ; mcp-protocol-VERSION: 2026-07-28', true),
      finds('Mcp-Method: \t tools/call \t ; Mcp-Name:  crm__find  ; MCP-Protocol-Version:  2026-07-28 ', true),
      queries(ALL, 'mcp-param-region: \teu\t ; MCP-PARAM-LIMIT:  42 ', true),
    ].join('\n'),
  },
  {
    name: 'values are compared letter by letter',
    lines: [
      finds('Mcp-Method: Tools/Call', false),
      finds('Mcp-Method: tools/call/', false),
      finds('Mcp-Name: CRM__find', false),
      finds('Mcp-Name: find', false),
      queries(ALL, 'Mcp-Param-Region: EU ; Mcp-Param-Limit: 42', false),
    ].join('\n'),
  },
  {
    name: 'headers that are missing, empty or there twice say nothing',
    lines: [
      finds('-Mcp-Name', false),
      finds('-Mcp-Method', false),
      finds('Mcp-Name: ', false),
      finds('Mcp-Method: ', false),
      finds('Mcp-Name: crm__find ; Mcp-Name: crm__find', false).replace(/G<.*/, TWICE),
      finds('Mcp-Method: tools/call ; Mcp-Method: tools/call', false).replace(/G<.*/, TWICE),
      finds('Mcp-Name: crm__delete ; Mcp-Name: crm__find', false).replace(/G<.*/, TWICE),
      ...['2026-07-28', '2025-11-25'].map((first) =>
        finds(`MCP-Protocol-Version: ${first} ; MCP-Protocol-Version: 2026-07-28`, false).replace(/G<.*/, TWICE),
      ),
      finds('MCP-Protocol-Version: 1999-01-01', false),
      queries(ALL, 'Mcp-Param-Region: eu ; Mcp-Param-Region: eu ; Mcp-Param-Limit: 42', false).replace(/G<.*/, TWICE),
      queries(ALL, 'Mcp-Param-Region: eu ; Mcp-Param-Limit: ', false),
    ].join('\n'),
  },
  {
    name: 'a value between marks is decoded, whatever it is',
    lines: [
      finds('Mcp-Name: =?base64?Y3JtX19maW5k?=', true),
      finds('Mcp-Name:  =?base64?Y3JtX19maW5k?= ', true),
      finds('Mcp-Name: =?base64?Y3JtX19maW5r?=', false),
      finds('Mcp-Name: =?base64?Y3JtX19maW5kI?=', false),
      finds('Mcp-Name: =?base64?/w==?=', false),
      finds('Mcp-Name: =?base64??=', false),
      queries('{"region":" é"}', 'Mcp-Param-Region: =?base64?IMOp?=', true).replaceAll('3 rows', '9 rows'),
      queries(ALL, 'Mcp-Param-Region: =?base64?ZXU=?= ; Mcp-Param-Limit: =?base64?NDI=?=', true),
      queries(ALL, 'Mcp-Param-Region: =?base64?ZXU?= ; Mcp-Param-Limit: 42', false),
    ].join('\n'),
  },
  {
    name: 'marks in another case, or on one side only, are part of the value',
    lines: `
C> [M tools/call =?BASE64?Y3JtX19maW5k?=] ${FIND}
G< [400] {"jsonrpc":"2.0","id":1,${MISMATCH}}
C> [M tools/call =?base64?Y3JtX19maW5k] ${FIND}
G< [400] {"jsonrpc":"2.0","id":1,${MISMATCH}}
C> [M /mcp/wiki prompts/get =?Base64?Y2Fmw6k=?=] {"jsonrpc":"2.0","id":2,"method":"prompts/get","params":{"name":"=?Base64?Y2Fmw6k=?=",@E}}
G< [200] {"jsonrpc":"2.0","id":2,"error":{"code":-32602,"message":"Unknown prompt"}}
C> [M /mcp/wiki prompts/get =?base64?Y2Fmw6k=] {"jsonrpc":"2.0","id":2,"method":"prompts/get","params":{"name":"=?base64?Y2Fmw6k=",@E}}
G< [200] {"jsonrpc":"2.0","id":2,"error":{"code":-32602,"message":"Unknown prompt"}}
`,
  },
  {
    name: 'numbers are compared as numbers, booleans as words',
    lines: [
      queries(ALL, 'Mcp-Param-Region: eu ; Mcp-Param-Limit: 42.0', true),
      queries('{"limit":4.2e1}', 'Mcp-Param-Limit: 42', true),
      queries('{"limit":0}', 'Mcp-Param-Limit: 0', true),
      queries('{"limit":0}', 'Mcp-Param-Limit: 00x', false),
      queries(ALL, 'Mcp-Param-Region: eu ; Mcp-Param-Limit: 43', false),
      queries(ALL, 'Mcp-Param-Region: eu ; Mcp-Param-Limit: 0x2a', false),
      queries(ALL, 'Mcp-Param-Region: eu', false),
      queries('{"limit":1,"archived":false}', 'Mcp-Param-Limit: 1 ; Mcp-Param-Archived: false', true),
      queries('{"limit":1,"archived":false}', 'Mcp-Param-Limit: 1 ; Mcp-Param-Archived: False', false),
      queries('{"limit":1,"archived":false}', 'Mcp-Param-Limit: 1', false),
      queries('{"limit":1,"region":""}', 'Mcp-Param-Limit: 1', false),
    ].join('\n'),
  },
  {
    name: 'headers that nobody declared are nobody’s concern, and none belongs to a session',
    lines: `
${finds('Mcp-Param-Unheard: x ; Mcp-Param-Region: us ; Mcp-Session-Id: made-up ; Last-Event-ID: e1', true).replace('[200]', '[200 | -Mcp-Session-Id]')}
C> [M tools/list crm__find] {"jsonrpc":"2.0","id":2,"method":"resources/templates/list","params":{@E}}
G< [400] {"jsonrpc":"2.0","id":2,${MISMATCH}}
C> [M resources/templates/list crm__find] {"jsonrpc":"2.0","id":2,"method":"resources/templates/list","params":{@E}}
G< [200] {"jsonrpc":"2.0","id":2,"result":{"resultType":"complete","resourceTemplates":[],"ttlMs":"«0..1000»","cacheScope":"private",@S}}
`,
  },
  {
    name: 'a server gets headers of its own: names as it knows them, arguments as they are',
    asked: ['tools/call'],
    lines: `
C> [M tools/call =?base64?Y3JtX19xdWVyeQ==?= | Mcp-Param-Region: =?base64?ZXU=?= ; Mcp-Param-Limit: 42.0 ; Mcp-Param-Other: 1 ; Mcp-Session-Id: x] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__query","arguments":{"region":"eu","limit":42},@E}}
G> [M tools/call query | Mcp-Param-Region: eu ; Mcp-Param-Limit: 42] {"jsonrpc":"2.0","id":"«u»","method":"tools/call","params":{"name":"query","arguments":{"region":"eu","limit":42},"_meta":"«m»"}}
U< [200] {"jsonrpc":"2.0","id":"«u»","result":{"resultType":"complete","content":[]}}
G< [200] {"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","content":[],@S}}
C> [M tools/call crm__query | Mcp-Param-Region: =?base64?w6k=?=] {"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"crm__query","arguments":{"region":"é","limit":null},@E}}
G> [M tools/call query | Mcp-Param-Region: =?base64?w6k=?=] {"jsonrpc":"2.0","id":"«u2»","method":"tools/call","params":{"name":"query","arguments":{"region":"é","limit":null},"_meta":"«m»"}}
U< [200] {"jsonrpc":"2.0","id":"«u2»","result":{"resultType":"complete","content":[]}}
G< [200] {"jsonrpc":"2.0","id":2,"result":{"resultType":"complete","content":[],@S}}
`,
  },
  {
    name: 'a notification need not name its method, but must not name another',
    lines: `
C> [M notifications/cancelled] {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}
G< [202] ∅
C> [M x | -Mcp-Method] {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,@E}}
G< [202] ∅
C> [M notifications/progress] {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}
G< [400] {"jsonrpc":"2.0","id":null,${MISMATCH}}
C> [M Notifications/Cancelled] {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}
G< [400] {"jsonrpc":"2.0","id":null,${MISMATCH}}
`,
  },
];
