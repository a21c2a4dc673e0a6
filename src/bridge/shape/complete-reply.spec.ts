import * as fc from 'fast-check';

import { JsonBytes, type JsonObject } from '../../core/json.js';
import { result, type Freshness, type McpResult } from '../../core/message.js';
import type { Peer } from '../../core/peer.js';
import { SERVER_INFO } from '../../protocol/index.js';
import { completeReply } from './complete-reply.js';
import { shapeReply } from './shape-reply.js';

const SELF = { name: 'gw', version: '1.0.0' };
const SIGNED = `"_meta":{"${SERVER_INFO}":{"name":"gw","version":"1.0.0"}}`;
const LEGACY: Peer = { era: 'legacy', revision: '2025-11-25', capabilities: {}, info: SELF };
const CACHEABLE = [
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
];

function completed(method: string, json: string, more: Partial<McpResult> = {}): string {
  const reply: McpResult = { kind: 'result', json: new JsonBytes(Buffer.from(json)), ...more };
  return completeReply(method, reply, SELF).json.bytes.toString();
}

describe('a result for a modern client', () => {
  it.each([
    ['{}', `{"resultType":"complete",${SIGNED}}`],
    ['{ "content" : [ 1.0 ] }', `{"resultType":"complete",${SIGNED},"content" : [ 1.0 ]}`],
    [
      `{"_meta":{ "x" : 1.0 , "${SERVER_INFO}":{"name":"s"}},"content":[]}`,
      `{"resultType":"complete",${SIGNED.slice(0, -1)},"x" : 1.0},"content":[]}`,
    ],
    ['{"_meta":null}', `{"resultType":"complete",${SIGNED}}`],
    [
      '{"_meta":{"a":1},"resultType":"x","_meta":{"b":1},"resultType":7}',
      `{"resultType":"complete",${SIGNED.slice(0, -1)},"b":1}}`,
    ],
    [
      String.raw`{"\u005fmeta":{},"result\u0054ype":"x","ttlMs":60000}`,
      `{"resultType":"complete",${SIGNED},"ttlMs":60000}`,
    ],
  ])('says what it is and who answers: %s', (given, expected) => {
    expect(completed('tools/call', given)).toBe(expected);
  });

  it('keeps its type', () => {
    expect(completed('tools/call', '{"resultType":"task","ttlMs":1}', { type: 'task' })).toBe(
      `{"resultType":"task",${SIGNED},"ttlMs":1}`,
    );
    expect(completeReply('tools/call', result({}), SELF).type).toBe('complete');
  });

  it.each(CACHEABLE)('says of %s how long it may be kept', (method) => {
    const freshness: Freshness = { ttlMs: 30_000, scope: 'public' };
    const stamped = (ttl: number, scope: string) =>
      `{"resultType":"complete","ttlMs":${ttl},"cacheScope":"${scope}",${SIGNED}}`;
    expect(completed(method, '{}')).toBe(stamped(0, 'private'));
    expect(completed(method, '{}', { freshness })).toBe(stamped(30_000, 'public'));
    const said = '{"ttlMs":7,"cacheScope":"public"}';
    expect(completed(method, said, { type: 'complete' })).toBe(stamped(7, 'public'));
    expect(completed(method, said, { type: 'complete', freshness })).toBe(stamped(30_000, 'public'));
    // A legacy server means something else by that, if anything.
    expect(completed(method, said)).toBe(stamped(0, 'private'));
  });

  it.each([
    ['{"ttlMs":-1,"cacheScope":"shared"}', '"ttlMs":0,"cacheScope":"private"'],
    ['{"ttlMs":"60","cacheScope":null}', '"ttlMs":0,"cacheScope":"private"'],
    ['{"ttlMs":null}', '"ttlMs":0,"cacheScope":"private"'],
    ['{"ttlMs":true}', '"ttlMs":0,"cacheScope":"private"'],
    ['{"ttlMs":1.5}', '"ttlMs":0,"cacheScope":"private"'],
    ['{"ttlMs":1e3,"cacheScope":"public"}', '"ttlMs":1000,"cacheScope":"public"'],
    ['{"ttlMs":1e400}', '"ttlMs":0,"cacheScope":"private"'],
    ['{"ttlMs":5,"ttlMs":6}', '"ttlMs":6,"cacheScope":"private"'],
  ])('says the least of what is unclear: %s', (given, expected) => {
    expect(completed('tools/list', given, { type: 'complete' })).toBe(
      `{"resultType":"complete",${expected},${SIGNED}}`,
    );
  });

  it('says nothing of the kind of a question', () => {
    const given = '{"resultType":"input_required","requestState":"s"}';
    expect(completed('resources/read', given, { type: 'input_required' })).toBe(
      `{"resultType":"input_required",${SIGNED},"requestState":"s"}`,
    );
  });

  it('is to a legacy client what it was', () => {
    const value = fc.oneof(
      fc.jsonValue().map((each) => JSON.stringify(each)),
      fc.constantFrom('1.0', '12345678901234567890', '{ "ttlMs" : [ 1 ] }', String.raw`"\u0041"`),
    );
    const key = fc.string().filter((name) => !['_meta', 'resultType', 'ttlMs', 'cacheScope'].includes(name));
    const members = (keys: fc.Arbitrary<string>) =>
      fc.uniqueArray(fc.tuple(keys, value), { selector: ([name]) => name, maxLength: 5 });
    const spelled = (all: readonly (readonly [string, string])[]) =>
      all.map(([name, json]) => `${JSON.stringify(name)}:${json}`);
    const meta = fc.option(members(fc.string().filter((name) => name !== SERVER_INFO)), { nil: undefined });

    fc.assert(
      fc.property(
        members(key),
        meta,
        fc.constantFrom('tools/call', 'resources/read', 'x/y'),
        (rest, inMeta, method) => {
          const ofMeta = inMeta && inMeta.length > 0 ? [`"_meta":{${spelled(inMeta).join(',')}}`] : [];
          const json = `{${[...ofMeta, ...spelled(rest)].join(',')}}`;

          const modern = completeReply(method, { kind: 'result', json: new JsonBytes(Buffer.from(json)) }, SELF);
          const stamped = modern.json.object();
          const legacy = shapeReply('x/y', modern, LEGACY).json.bytes.toString();

          expect(legacy).toBe(json);
          expect(stamped['resultType']).toBe('complete');
          expect((stamped['_meta'] as JsonObject)[SERVER_INFO]).toEqual(SELF);
          expect('ttlMs' in stamped).toBe(method === 'resources/read');
        },
      ),
    );
  });
});
