import { type Attack, error, post } from '../support/attack.ts';

const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const wide = (keys: number): string => `{${Array.from({ length: keys }, (_, n) => `"${n}":0`).join()}}`;
const ping = (id: string): string => `{"jsonrpc":"2.0","id":${id},"method":"ping"}`;
const asked = (more: string): string => `{"jsonrpc":"2.0","id":1,"method":"tools/call",${more}}`;

/** What is no message at all, whoever sends it: [row, what, body, code]. */
const BROKEN: readonly [row: string, what: string, body: string | Buffer, code: number][] = [
  ['T31', 'nothing', '', -32_700],
  ['T31', 'half of something', '{"jsonrpc":"2.0","id":1', -32_700],
  ['T31', 'two documents', `${ping('1')}${ping('2')}`, -32_700],
  ['T31', 'a byte order mark', `\uFEFF${ping('1')}`, -32_700],
  ['T31', 'bytes that are not UTF-8', Buffer.from('{"jsonrpc":"2.0","id":1,"method":"\xff"}', 'latin1'), -32_700],
  ['T31', 'a lone surrogate', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), -32_700],
  ['T31', 'an overlong slash', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), -32_700],
  ['T31', 'UTF-16', Buffer.from(ping('1'), 'utf16le'), -32_700],
  ['T31', 'a comment', `${ping('1')}//`, -32_700],
  ['T31', 'a comment in front', `/**/${ping('1')}`, -32_700],
  ['T31', 'a trailing comma', '{"jsonrpc":"2.0","id":1,"method":"ping",}', -32_700],
  ['T31', 'NaN', ping('NaN'), -32_700],
  ['T31', 'a number with a plus', ping('+1'), -32_700],
  ['T31', 'a number with a leading zero', ping('01'), -32_700],
  ['T31', 'a hexadecimal number', ping('0x1'), -32_700],
  ['T31', 'single quotes', "{'jsonrpc':'2.0'}", -32_700],
  ['T31', 'a key without quotes', '{jsonrpc:"2.0"}', -32_700],
  ['T31', 'a NUL behind it', `${ping('1')}\0`, -32_700],
  ['T31', 'a raw line break in a string', '{"jsonrpc":"2.0","id":"\n","method":"ping"}', -32_700],
  ['T31', 'half an escape', '{"jsonrpc":"2.0","id":"\\u12","method":"ping"}', -32_700],
  ['T32', 'objects 200 deep', asked(`"params":${deep(200)}`), -32_700],
  ['T32', 'objects 200,000 deep', asked(`"params":${deep(200_000)}`), -32_700],
  ['T32', 'arrays 200,000 deep', '['.repeat(200_000), -32_700],
  ['T32', 'an object with 10,001 members', asked(`"params":${wide(10_001)}`), -32_700],
  ['T32', '9,000 members that all look alike', asked(`"params":${wide(9_000)}`), -32_000],
  ['T33', 'a number', '1', -32_600],
  ['T33', 'null', 'null', -32_600],
  ['T33', 'true', 'true', -32_600],
  ['T33', 'a string', '"ping"', -32_600],
  ['T33', 'an empty object', '{}', -32_600],
  ['T33', 'another JSON-RPC', '{"jsonrpc":"1.0","id":1,"method":"ping"}', -32_600],
  ['T33', 'no JSON-RPC', '{"id":1,"method":"ping"}', -32_600],
  ['T33', 'a version that is a number', '{"jsonrpc":2.0,"id":1,"method":"ping"}', -32_600],
  ['T33', 'a method that is a list', '{"jsonrpc":"2.0","id":1,"method":["ping"]}', -32_600],
  ['T33', 'a method that is nothing', '{"jsonrpc":"2.0","id":1,"method":null}', -32_600],
  ['T28', 'a method of 1 MiB', `{"jsonrpc":"2.0","id":1,"method":"${'x'.repeat(1_048_576)}"}`, -32_600],
  ['T35', 'a method twice', '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/list"}', -32_600],
  ['T35', 'a method twice, once in escapes', '{"jsonrpc":"2.0","id":1,"method":"ping","m\\u0065thod":"x"}', -32_600],
  ['T35', 'an id twice', '{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}', -32_600],
  ['T35', 'params twice', asked('"params":{"name":"echo"},"params":{"name":"add"}'), -32_600],
  ['T35', 'a name twice', asked('"params":{"name":"echo","name":"add"}'), -32_600],
  ['T35', 'arguments twice', asked('"params":{"name":"echo","arguments":{},"arguments":{"a":1}}'), -32_600],
  ['T33', 'params that are a list', '{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}', -32_600],
  ['T33', 'params that are a string', '{"jsonrpc":"2.0","id":1,"method":"ping","params":"x"}', -32_600],
  ['T33', 'a request that is a reply', '{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}', -32_600],
  ['T33', 'an id that is null', ping('null'), -32_600],
  ['T33', 'an id that is an object', ping('{}'), -32_600],
  ['T33', 'an id that is a list', ping('[1]'), -32_600],
  ['T33', 'an id that is true', ping('true'), -32_600],
  ['T33', 'an id beyond 2^53', ping('9007199254740993'), -32_600],
  ['T33', 'a fractional id', ping('1.5'), -32_600],
  ['T33', 'an infinite id', ping('1e999'), -32_600],
  ['T33', 'an id of 100,000 digits', ping('1'.repeat(100_000)), -32_600],
  ['T33', 'an id of 257 characters', ping(`"${'x'.repeat(257)}"`), -32_600],
  ['T34', 'an empty batch', '[]', -32_600],
  ['T34', 'a batch within a batch', `[[${ping('1')}]]`, -32_600],
  ['T34', 'a batch of 50,000', `[${Array.from({ length: 50_000 }, (_, n) => ping(String(n))).join()}]`, -32_600],
  ['T34', 'a batch of nothing', '[null]', -32_600],
];

const ENVELOPE =
  '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}';
const said = (method: string, name?: string): string =>
  `Mcp-Protocol-Version: 2026-07-28\r\nMcp-Method: ${method}\r\n${name === undefined ? '' : `Mcp-Name: ${name}\r\n`}`;
const modern = (method: string, params = ''): string =>
  `{"jsonrpc":"2.0","id":1,"method":"${method}","params":{${params}${params === '' ? '' : ','}${ENVELOPE}}}`;
const called = (name: string, more = ''): string => modern('tools/call', `"name":${JSON.stringify(name)}${more}`);

/** Messages of the era without sessions: [row, what, headers, body, status, code]. */
const MODERN: readonly [row: string, what: string, headers: string, body: string, http: number, code: number][] = [
  ['T35', 'another method in the header', said('tools/list'), called('echo'), 400, -32_020],
  ['T35', 'no method in the header', 'Mcp-Protocol-Version: 2026-07-28\r\n', called('echo'), 400, -32_020],
  ['T35', 'another name in the header', said('tools/call', 'add'), called('echo'), 400, -32_020],
  ['T35', 'no name in the header', said('tools/call'), called('echo'), 400, -32_020],
  ['T35', 'a name in other letters', said('tools/call', 'Echo'), called('echo'), 400, -32_020],
  [
    'T35',
    'a version that does not exist',
    said('tools/call', 'echo').replace('07-28', '09-99'),
    called('echo'),
    400,
    -32_020,
  ],
  ['T36', 'a method of all objects', said('__proto__'), modern('__proto__'), 404, -32_601],
  ['T36', 'a method of all constructors', said('constructor'), modern('constructor'), 404, -32_601],
  ['T36', 'a tool of all objects', said('tools/call', '__proto__'), called('__proto__'), 200, -32_602],
  ['T36', 'a tool of all constructors', said('tools/call', 'constructor'), called('constructor'), 200, -32_602],
  ['T36', 'a tool of a missing group', said('tools/call', 'x__y'), called('x__y'), 200, -32_602],
  ['T28', 'a method in capitals', said('TOOLS/CALL'), modern('TOOLS/CALL'), 404, -32_601],
  ['T28', 'a method of servers', said('sampling/createMessage'), modern('sampling/createMessage'), 404, -32_601],
  ['T28', 'a method of the other era', said('ping'), modern('ping'), 404, -32_601],
  ['T33', 'a name that is a list', said('tools/call', 'echo'), modern('tools/call', '"name":["echo"]'), 200, -32_602],
  ['T33', 'no name', said('tools/call'), modern('tools/call'), 200, -32_602],
  ['T33', 'arguments that are a list', said('tools/call', 'echo'), called('echo', ',"arguments":[]'), 200, -32_602],
  ['T3', 'a cursor of nobody', said('tools/list'), modern('tools/list', '"cursor":"e30"'), 200, -32_602],
  ['T3', 'a cursor of all objects', said('tools/list'), modern('tools/list', '"cursor":"__proto__"'), 200, -32_602],
  ['T3', 'a state of nobody', said('tools/call', 'echo'), called('echo', ',"requestState":"gw1.a.b"'), 200, -32_602],
  ['T3', 'a task of nobody', said('tasks/get', 'x'), modern('tasks/get', '"taskId":"x"'), 400, -32_021],
  [
    'T33',
    'no envelope',
    said('tools/list'),
    '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}',
    400,
    -32_602,
  ],
  [
    'T33',
    'an envelope that is a list',
    said('tools/list'),
    '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":[]}}',
    400,
    -32_602,
  ],
  ['T4', 'an answer to nothing', said('ping'), '{"jsonrpc":"2.0","id":1,"result":{}}', 400, -32_600],
  ['T34', 'a batch', said('tools/list'), `[${modern('tools/list')}]`, 400, -32_600],
];

export const MESSAGE_ATTACKS: readonly Attack[] = [
  ...BROKEN.map(([row, what, body, code]): Attack => ({
    row,
    what,
    send: (pass) => post(`${pass}Mcp-Protocol-Version: 2025-11-25\r\n`, body),
    expected: error(code, 400),
  })),
  ...MODERN.map(([row, what, headers, body, http, code]): Attack => ({
    row,
    what: `in a message of 2026-07-28, ${what}`,
    send: (pass) => post(`${pass}${headers}`, body),
    expected: error(code, http),
  })),
];
