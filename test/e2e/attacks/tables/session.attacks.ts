import { type Attack, error, post, request, status } from '../support/attack.ts';

const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
const REVISION = 'Mcp-Protocol-Version: 2025-11-25\r\n';

/** Ids that nobody was given. */
const GUESSES: readonly [what: string, id: string][] = [
  ['a number', '1'],
  ['a UUID', '00000000-0000-4000-8000-000000000000'],
  ['all objects', '__proto__'],
  ['all constructors', 'constructor'],
  ['a method of objects', 'toString'],
  ['a way out', '../../etc/passwd'],
  ['a way out, encoded', '..%2f..%2fetc%2fpasswd'],
  ['a question', "' OR 1=1 --"],
  ['a template', '${jndi:ldap://canary/}'],
  ['a sealed value of another key', 'gw1.AAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
  ['a sealed value of nothing', 'gw1..'],
  ['the beginning of a sealed value', 'gw1.'],
  ['the word for nothing', 'null'],
  ['the word for not known', 'undefined'],
  ['an id in quotes', '"1"'],
  ['an object', '{"$gt":""}'],
  ['two ids in one', '1, 2'],
  ['4 KB of an id', 'a'.repeat(4_096)],
  ['5 KB of a sealed value', `gw1.AAAAAAAA.${'A'.repeat(5_000)}`],
  ['a character of another alphabet', '\u00e9'],
];

const USES: readonly [how: string, line: string, headers: string, body: string][] = [
  ['to ask', 'POST /mcp', `Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n`, PING],
  ['to listen', 'GET /mcp', 'Accept: text/event-stream\r\n', ''],
  ['to end it', 'DELETE /mcp', '', ''],
];

const guessed: readonly Attack[] = USES.flatMap(([how, line, headers, body]) =>
  GUESSES.map(([what, id]) => ({
    row: 'T7',
    what: `${how} with ${what} for a session id`,
    send: (pass: string) => request(line, `${pass}${headers}${REVISION}Mcp-Session-Id: ${id}\r\n`, body),
    expected: status(404),
  })),
);

const EVENTS: readonly [what: string, id: string][] = [
  ['an event of nobody', '1'],
  ['an event of all objects', '__proto__'],
  ['a way out', '../../x'],
];

export const SESSION_ATTACKS: readonly Attack[] = [
  ...guessed,
  {
    row: 'T7',
    what: 'no session id where there has to be one',
    send: (pass) => request('GET /mcp', `${pass}Accept: text/event-stream\r\n${REVISION}`),
    expected: status(400),
  },
  {
    row: 'T7',
    what: 'the end of no session',
    send: (pass) => request('DELETE /mcp', `${pass}${REVISION}`),
    expected: status(400),
  },
  {
    row: 'T7',
    what: 'a session id of nothing',
    send: (pass) => post(`${pass}${REVISION}Mcp-Session-Id:\r\n`, PING),
    expected: status(404),
  },
  {
    row: 'T7',
    what: 'two session ids',
    send: (pass) => post(`${pass}${REVISION}Mcp-Session-Id: a\r\nMcp-Session-Id: b\r\n`, PING),
    expected: error(-32_600, 400),
  },
  ...EVENTS.map(([what, id]): Attack => ({
    row: 'T7',
    what: `a stream from ${what} on`,
    send: (pass) => request('GET /mcp', `${pass}Accept: text/event-stream\r\n${REVISION}Last-Event-ID: ${id}\r\n`),
    expected: status(400),
  })),
  ...['', '1', '__proto__', '../x', 'a'.repeat(4_000)].map((id): Attack => ({
    row: 'T6',
    what: `a message to the event stream "${id.slice(0, 16)}"`,
    send: (pass) => post(pass, PING, `/messages?sessionId=${id}`),
    expected: status(404),
  })),
  {
    row: 'T6',
    what: 'a message to no event stream',
    send: (pass) => post(pass, PING, '/messages'),
    expected: status(400),
  },
];
