import { DUPLEX, playEverywhere } from '../support/golden-stage.ts';

function initialize(version: string): string {
  return `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"${version}","capabilities":{"experimental":{"x":1},"unheard":{}},"clientInfo":{"name":"x","version":"1","title":"X"}}}`;
}

function introduced(version: string): string {
  return `{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"${version}","capabilities":"«of ${version}»","serverInfo":{"name":"gw","version":"«version»"}}}`;
}

/** How a session begins, and what a leg of some revision may say at all. */
playEverywhere([
  {
    name: 'an introduction is answered by the gateway itself',
    lines: `
C> [A connects 2025-11-25] ∅
C> [A] {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"elicitation":{"form":{},"url":{}},"sampling":{}},"clientInfo":{"name":"desk","version":"2"}}}
G< [A] {"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{"listChanged":true},"resources":{"subscribe":true,"listChanged":true},"prompts":{"listChanged":true},"logging":{},"completions":{},"tasks":{"list":{},"cancel":{},"requests":{"tools":{"call":{}}}}},"serverInfo":{"name":"gw","version":"«version»"}}}
C> [A] {"jsonrpc":"2.0","method":"notifications/initialized"}
`,
  },
  {
    name: 'what a revision does not know is not promised to it',
    lines: `
C> [A connects 2024-11-05] ∅
C> [A] {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2024-11-05","capabilities":{},"clientInfo":{"name":"old","version":"0.1"}}}
G< [A] {"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2024-11-05","capabilities":{"tools":{"listChanged":true},"resources":{"subscribe":true,"listChanged":true},"prompts":{"listChanged":true},"logging":{}},"serverInfo":{"name":"gw","version":"«version»"}}}
`,
  },
  ...['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '2024-10-07'].map((version) => ({
    name: `${version} is spoken`,
    lines: `
C> [A connects ${version}] ∅
C> [A] ${initialize(version)}
G< [A] ${introduced(version)}
`,
  })),
  ...['2031-01-01', '2026-07-28', 'latest', ''].map((version) => ({
    name: `"${version}" is countered with the newest`,
    lines: `
C> [A connects 2025-11-25] ∅
C> [A] ${initialize(version)}
G< [A] ${introduced('2025-11-25')}
`,
  })),
  {
    name: 'before its introduction a client may ping, and nothing else; after it, it need not wait',
    downstream: DUPLEX,
    lines: `
C> [A connects 2025-11-25] ∅
C> [A] {"jsonrpc":"2.0","id":"early","method":"ping"}
G< [A] {"jsonrpc":"2.0","id":"early","result":{}}
C> [A] {"jsonrpc":"2.0","id":2,"method":"tools/list"}
G< [A] {"jsonrpc":"2.0","id":2,"error":{"code":-32600,"message":"not initialized"}}
C> [A] ${initialize('2025-11-25')}
C> [A] {"jsonrpc":"2.0","id":3,"method":"prompts/list"}
G< [A] ${introduced('2025-11-25')}
G< [A] {"jsonrpc":"2.0","id":3,"result":{"prompts":[{"name":"crm__summarise"}]}}
C> [A] ${initialize('2025-11-25')}
G< [A] {"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"already initialized"}}
`,
  },
  {
    name: 'what is no message is refused without an id',
    downstream: ['websocket', 'unix'],
    lines: `
C> [A opens 2025-11-25] {}
C> [A] {oops
G< [A] {"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"}}
C> [A] 7
G< [A] {"jsonrpc":"2.0","error":{"code":-32600,"message":"not a message"}}
C> [A] {"jsonrpc":"2.0","id":null,"method":"ping"}
G< [A] {"jsonrpc":"2.0","error":{"code":-32600,"message":"id"}}
C> [A] {"jsonrpc":"2.0","id":1.5,"method":"ping"}
G< [A] {"jsonrpc":"2.0","error":{"code":-32600,"message":"id"}}
C> [A] {"jsonrpc":"1.0","id":21,"method":"ping"}
G< [A] {"jsonrpc":"2.0","id":21,"error":{"code":-32600,"message":"jsonrpc"}}
C> [A] [{"jsonrpc":"2.0","id":5,"method":"ping"}]
G< [A] {"jsonrpc":"2.0","error":{"code":-32600,"message":"Batching is not supported"}}
`,
  },
  {
    name: 'params that are none are refused under the id of their request',
    lines: `
C> [A opens 2025-11-25] {}
C> [A] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}
G< [A] {"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"name"}}
C> [A] {"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"crm__find","_meta":7}}
G< [A] {"jsonrpc":"2.0","id":2,"error":{"code":-32602,"message":"_meta"}}
C> [A] {"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"crm__find","_meta":{"progressToken":{}}}}
G< [A] {"jsonrpc":"2.0","id":3,"error":{"code":-32602,"message":"progressToken"}}
C> [A] {"jsonrpc":"2.0","id":4,"method":"resources/read","params":{"uri":5}}
G< [A] {"jsonrpc":"2.0","id":4,"error":{"code":-32602,"message":"uri"}}
`,
  },
  {
    name: 'a batch is answered by one array, in the order of its requests',
    lines: `
C> [A opens 2025-03-26] {}
C> [A] [{"jsonrpc":"2.0","id":5,"method":"prompts/list"},{"jsonrpc":"2.0","method":"notifications/initialized"},{"jsonrpc":"2.0","id":6,"method":"nope"},7,{"jsonrpc":"2.0","id":"7","method":"ping"}]
G< [A] [{"jsonrpc":"2.0","id":5,"result":{"prompts":[{"name":"crm__summarise"}]}},{"jsonrpc":"2.0","id":6,"error":{"code":-32601,"message":"Method not found"}},{"jsonrpc":"2.0","id":"«none»","error":{"code":-32600,"message":"not a message"}},{"jsonrpc":"2.0","id":"7","result":{}}]
C> [A] [{"jsonrpc":"2.0","method":"notifications/initialized"}]
`,
    downstream: ['streamable_http'],
  },
  {
    name: 'a batch on one wire is answered by one array, and what was no message without an id',
    lines: `
C> [A opens 2025-03-26] {}
C> [A] [{"jsonrpc":"2.0","id":5,"method":"prompts/list"},{"jsonrpc":"2.0","method":"notifications/initialized"},7,{"jsonrpc":"2.0","id":"7","method":"ping"}]
G< [A] [{"jsonrpc":"2.0","id":5,"result":{"prompts":[{"name":"crm__summarise"}]}},{"jsonrpc":"2.0","error":{"code":-32600,"message":"not a message"}},{"jsonrpc":"2.0","id":"7","result":{}}]
C> [A] [{"jsonrpc":"2.0","method":"notifications/initialized"}]
C> [A] []
G< [A] {"jsonrpc":"2.0","error":{"code":-32600,"message":"empty"}}
C> [A] [{"jsonrpc":"2.0","id":8,"method":"initialize","params":{"protocolVersion":"2025-03-26","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}]
G< [A] {"jsonrpc":"2.0","error":{"code":-32600,"message":"initialize must not be batched"}}
`,
    downstream: ['websocket', 'unix'],
  },
]);
