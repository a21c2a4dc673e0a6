import { CONNECTIONS, playEverywhere } from '../support/golden-stage.ts';

const TIMES =
  '"createdAt":"2026-01-01T10:00:00Z","lastUpdatedAt":"2026-01-01T10:00:00Z","ttl":60000,"pollInterval":1000';
const WORKING = `"status":"working",${TIMES}`;
const RELATED = (id: string): string => `"_meta":{"io.modelcontextprotocol/related-task":{"taskId":"${id}"}}`;

/** Tasks of 2025-11-25: the client never sees the id of a server, nor another client the task. */
playEverywhere([
  {
    name: 'a task is created, asked about and fetched under an id of the gateway',
    upstream: CONNECTIONS,
    lines: `
C> [A opens 2025-11-25] {}
C> [A] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__export","arguments":{},"task":{"ttl":60000}}}
G> [shared] {"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"export","arguments":{},"task":{"ttl":60000}}}
U< [shared] {"jsonrpc":"2.0","id":"«call»","result":{"task":{"taskId":"job-9",${WORKING}}}}
G< [A] {"jsonrpc":"2.0","id":1,"result":{"task":{"taskId":"«task»",${WORKING}}}}
C> [A] {"jsonrpc":"2.0","id":2,"method":"tasks/get","params":{"taskId":"«task»"}}
G> [shared] {"jsonrpc":"2.0","id":"«get»","method":"tasks/get","params":{"taskId":"job-9"}}
U< [shared] {"jsonrpc":"2.0","id":"«get»","result":{"taskId":"job-9",${WORKING}}}
G< [A] {"jsonrpc":"2.0","id":2,"result":{"taskId":"«task»",${WORKING}}}
C> [A] {"jsonrpc":"2.0","id":3,"method":"tasks/result","params":{"taskId":"«task»"}}
G> [shared] {"jsonrpc":"2.0","id":"«result»","method":"tasks/result","params":{"taskId":"job-9"}}
U< [shared] {"jsonrpc":"2.0","id":"«result»","result":{"content":[{"type":"resource_link","uri":"db://row/1","name":"Ada"}],${RELATED('job-9')}}}
G< [A] {"jsonrpc":"2.0","id":3,"result":{"content":[{"type":"resource_link","uri":"crm+db://row/1","name":"Ada"}],${RELATED('«task»')}}}
C> [A] {"jsonrpc":"2.0","id":4,"method":"tasks/cancel","params":{"taskId":"«task»"}}
G> [shared] {"jsonrpc":"2.0","id":"«cancel»","method":"tasks/cancel","params":{"taskId":"job-9"}}
U< [shared] {"jsonrpc":"2.0","id":"«cancel»","error":{"code":-32602,"message":"Cannot cancel task: already in terminal status"}}
G< [A] {"jsonrpc":"2.0","id":4,"error":{"code":-32602,"message":"Cannot cancel task: already in terminal status"}}
`,
  },
  {
    name: 'the client of a task hears of its status, and its questions say which task they belong to',
    lines: `
C> [A opens 2025-11-25] {"elicitation":{}}
C> [A] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__export","arguments":{},"task":{}}}
G> [u] {"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"export","arguments":{},"task":{}}}
U< [u] {"jsonrpc":"2.0","id":"«call»","result":{"task":{"taskId":"job-9",${WORKING}}}}
G< [A] {"jsonrpc":"2.0","id":1,"result":{"task":{"taskId":"«task»",${WORKING}}}}
U< [u own] {"jsonrpc":"2.0","method":"notifications/tasks/status","params":{"taskId":"job-9","status":"input_required",${TIMES}}}
G< [A own] {"jsonrpc":"2.0","method":"notifications/tasks/status","params":{"taskId":"«task»","status":"input_required",${TIMES}}}
C> [A] {"jsonrpc":"2.0","id":2,"method":"tasks/result","params":{"taskId":"«task»"}}
G> [u] {"jsonrpc":"2.0","id":"«result»","method":"tasks/result","params":{"taskId":"job-9"}}
U< [u] {"jsonrpc":"2.0","id":0,"method":"elicitation/create","params":{"message":"Sure?","requestedSchema":{"type":"object","properties":{}},${RELATED('job-9')}}}
G< [A] {"jsonrpc":"2.0","id":"«ask»","method":"elicitation/create","params":{"message":"Sure?","requestedSchema":{"type":"object","properties":{}},${RELATED('«task»')}}}
C> [A] {"jsonrpc":"2.0","id":"«ask»","result":{"action":"accept","content":{},${RELATED('«task»')}}}
G> [u] {"jsonrpc":"2.0","id":0,"result":{"action":"accept","content":{},${RELATED('job-9')}}}
U< [u] {"jsonrpc":"2.0","id":"«result»","result":{"content":[],"isError":true,${RELATED('job-9')}}}
G< [A] {"jsonrpc":"2.0","id":2,"result":{"content":[],"isError":true,${RELATED('«task»')}}}
`,
  },
  {
    name: 'tasks are listed under the ids they were created with, and a made up id is unknown',
    lines: `
C> [A opens 2025-11-25] {"sampling":{}}
C> [A] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__export","arguments":{},"task":{}}}
G> [u] {"jsonrpc":"2.0","id":"«call»","method":"tools/call","params":{"name":"export","arguments":{},"task":{}}}
U< [u] {"jsonrpc":"2.0","id":"«call»","result":{"task":{"taskId":"job-9",${WORKING}}}}
G< [A] {"jsonrpc":"2.0","id":1,"result":{"task":{"taskId":"«task»",${WORKING}}}}
C> [A] {"jsonrpc":"2.0","id":2,"method":"tasks/list"}
G> [u] {"jsonrpc":"2.0","id":"«list»","method":"tasks/list"}
U< [u] {"jsonrpc":"2.0","id":"«list»","result":{"tasks":[{"taskId":"job-9",${WORKING}}],"nextCursor":""}}
G< [A] {"jsonrpc":"2.0","id":2,"result":{"tasks":[{"taskId":"«task»",${WORKING}}],"nextCursor":"«cursor»"}}
C> [A] {"jsonrpc":"2.0","id":3,"method":"tasks/list","params":{"cursor":"«cursor»"}}
G> [u] {"jsonrpc":"2.0","id":"«more»","method":"tasks/list","params":{"cursor":""}}
U< [u] {"jsonrpc":"2.0","id":"«more»","result":{"tasks":[]}}
G< [A] {"jsonrpc":"2.0","id":3,"result":{"tasks":[]}}
C> [A] {"jsonrpc":"2.0","id":4,"method":"tasks/get","params":{"taskId":"job-9"}}
G< [A] {"jsonrpc":"2.0","id":4,"error":{"code":-32602,"message":"Unknown task"}}
`,
  },
  {
    name: 'a revision without tasks has no such method',
    lines: `
C> [A opens 2025-06-18] {}
C> [A] {"jsonrpc":"2.0","id":4,"method":"tasks/get","params":{"taskId":"job-9"}}
G< [A] {"jsonrpc":"2.0","id":4,"error":{"code":-32601,"message":"Method not found"}}
`,
  },
]);
