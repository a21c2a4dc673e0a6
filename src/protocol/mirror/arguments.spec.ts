import * as fc from 'fast-check';

import type { JsonObject } from '../../core/json.js';
import { mirrorHeaders, mirrorProblem, sentMirrors } from './arguments.js';
import type { MirrorRules } from './rules.js';

const RULES: MirrorRules = [
  { name: 'Region', path: ['region'] },
  { name: 'Limit', path: ['page', 'limit'] },
];

/** The headers as node hands them to whoever receives them. */
function received(headers: Iterable<readonly [string, string]>) {
  return sentMirrors(Object.fromEntries([...headers].map(([name, value]) => [name.toLowerCase(), value])));
}

function problem(args: JsonObject, headers: Record<string, string>): string | undefined {
  const found = mirrorProblem(RULES, args, sentMirrors(headers));
  if (found) expect([found.rule, found.traits.modern]).toEqual(['argument_header', { http: 400, rpc: -32020 }]);
  return found?.message;
}

describe('arguments in headers', () => {
  it.each<[args: JsonObject, headers: Record<string, string>]>([
    [
      { region: 'eu', page: { limit: 42 } },
      { 'Mcp-Param-Region': 'eu', 'Mcp-Param-Limit': '42' },
    ],
    [{ region: 'Zürich' }, { 'Mcp-Param-Region': '=?base64?WsO8cmljaA==?=' }],
    [
      { region: true, page: { limit: -0 } },
      { 'Mcp-Param-Region': 'true', 'Mcp-Param-Limit': '0' },
    ],
    [{ region: false }, { 'Mcp-Param-Region': 'false' }],
    [{ region: null, page: { limit: null } }, {}],
    [{ region: { toString: 1 }, page: 1 }, {}],
    [{ region: ['eu'], page: [{ limit: 1 }] }, {}],
    [{ page: { limit: 1e21 } }, {}],
    [{}, {}],
  ])('%j are sent as %j', (args, headers) => {
    expect(Object.fromEntries(mirrorHeaders(RULES, args))).toEqual(headers);
  });

  it('are read of what they are themselves, and of nothing that they inherit', () => {
    const rules = [
      { name: 'A', path: ['constructor', 'name'] },
      { name: 'B', path: ['__proto__', 'x'] },
    ];
    expect(mirrorHeaders(rules, {}).size).toBe(0);
    expect(Object.fromEntries(mirrorHeaders(rules, JSON.parse('{"__proto__":{"x":"y"}}') as JsonObject))).toEqual({
      'Mcp-Param-B': 'y',
    });
  });

  it.each<[args: JsonObject, headers: Record<string, string>]>([
    [{ region: 'eu' }, { 'mcp-param-region': ' eu ' }],
    [{ region: 'eu' }, { 'mcp-param-region': '=?base64?ZXU=?=' }],
    [{ page: { limit: 42 } }, { 'mcp-param-limit': '42.0' }],
    [{ page: { limit: 42 } }, { 'mcp-param-limit': '042' }],
    [{ region: null }, { 'mcp-param-region': 'eu' }],
    [{}, { 'mcp-param-region': '=?base64?%%%?=', 'mcp-param-limit': '1', 'mcp-param-other': 'x' }],
    [{ page: { limit: 1e21 } }, {}],
  ])('%j agree with %j', (args, headers) => {
    expect(problem(args, headers)).toBeUndefined();
  });

  it.each<[args: JsonObject, headers: Record<string, string>, message: string]>([
    [{ region: 'eu' }, {}, 'Missing header Mcp-Param-Region'],
    [{ region: 'eu' }, { 'mcp-param-region': 'us' }, 'Mcp-Param-Region does not match its argument'],
    [{ region: 'eu' }, { 'mcp-param-region': 'EU' }, 'Mcp-Param-Region does not match its argument'],
    [{ region: 'eu' }, { 'mcp-param-region': 'eu, eu' }, 'Mcp-Param-Region does not match its argument'],
    [{ region: '=?base64?%%%?=' }, { 'mcp-param-region': '=?base64?%%%?=' }, 'Mcp-Param-Region is not valid base64'],
    [{ page: { limit: 42 } }, { 'mcp-param-limit': '43' }, 'Mcp-Param-Limit does not match its argument'],
    [{ page: { limit: 42 } }, { 'mcp-param-limit': '0x2a' }, 'Mcp-Param-Limit does not match its argument'],
    [{ page: { limit: 0 } }, { 'mcp-param-limit': '' }, 'Mcp-Param-Limit does not match its argument'],
    [{ region: '42' }, { 'mcp-param-region': '42.0' }, 'Mcp-Param-Region does not match its argument'],
    [{ region: true }, { 'mcp-param-region': '1' }, 'Mcp-Param-Region does not match its argument'],
  ])('%j do not agree with %j', (args, headers, message) => {
    expect(problem(args, headers)).toBe(message);
  });

  it('are told from other headers', () => {
    const sent = sentMirrors({
      'mcp-name': 'a',
      'mcp-param-region': 'eu',
      'mcp-param-': '',
      host: 'h',
      'set-cookie': ['x'],
    });
    expect([...sent]).toEqual([
      ['region', 'eu'],
      ['', ''],
    ]);
  });

  it('agree with the headers that were made of them', () => {
    const value = fc.oneof(fc.string({ unit: 'grapheme' }), fc.maxSafeInteger(), fc.boolean(), fc.jsonValue());
    const args = fc.record({ region: value, page: fc.record({ limit: value }) });
    fc.assert(
      fc.property(args, (given) => {
        const sent = received(mirrorHeaders(RULES, given));
        expect(mirrorProblem(RULES, given, sent)).toBeUndefined();
      }),
    );
  });
});
