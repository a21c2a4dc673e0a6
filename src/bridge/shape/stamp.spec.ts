import * as fc from 'fast-check';

import { JsonBytes } from '../../core/json.js';
import type { Freshness } from '../../core/message.js';
import { members } from '../../core/walk.js';
import { completeReply } from './complete-reply.js';
import { plainStamp, withStamp } from './stamp.js';

const SELF = { name: 'gw', version: '1.0.0' };
const STAMP = plainStamp(SELF);

function stamped(json: string): string | undefined {
  return withStamp(STAMP, Buffer.from(json))?.toString();
}

describe('a result that is stamped without being walked through', () => {
  it.each([
    ['{}', ''],
    ['{"resultType":"complete"}', ''],
    ['{"resultType":"complete","content":[]}', ',"content":[]'],
    ['{ "content":[1.0]}', ',"content":[1.0]'],
  ])('%s', (given, rest) => {
    expect(stamped(given)).toBe(`${STAMP.toString()}${rest}}`);
  });

  it.each([
    '{"resultType":"task"}',
    '{"resultType":"complete","resultType":"task"}',
    '{"content":[],"resultType":"complete"}',
    '{"resultType" : "complete"}',
    '{"_meta":{}}',
    '{"content":[{"_meta":{}}]}',
    String.raw`{"\u005fmeta":{}}`,
    '{"content":[] }',
    '[]',
  ])('is none where something may stand in it twice: %s', (given) => {
    expect(stamped(given)).toBeUndefined();
  });

  it('says the same as one that was walked through', () => {
    const key = fc.oneof(fc.string(), fc.constantFrom('_meta', 'resultType', 'content', 'T', '_'));
    const result = fc.dictionary(key, fc.jsonValue()).map((value) => JSON.stringify(value));

    fc.assert(
      fc.property(result, fc.boolean(), (json, isTyped) => {
        const given = isTyped ? json.replace('{', `{"resultType":"complete"${json === '{}' ? '' : ','}`) : json;
        const quick = stamped(given);
        if (quick === undefined) return;
        const kept = members(Buffer.from(given)).filter(({ key }) => key !== 'resultType');
        expect(JSON.parse(quick)).toEqual({
          ...(JSON.parse(given) as object),
          ...(JSON.parse(`${STAMP.toString()}}`) as object),
        });
        expect(members(Buffer.from(quick))).toHaveLength(kept.length + 2);
      }),
    );
  });
});

describe('a list that is completed again and again', () => {
  it('is put together once for as long as it may be kept that long', () => {
    const json = new JsonBytes(Buffer.from('{"tools":[],"ttlMs":1,"_meta":{"x":1.0}}'));
    const completed = (freshness: Freshness) =>
      completeReply('tools/list', { kind: 'result', json, type: 'complete', freshness }, SELF).json;

    const first = completed({ ttlMs: 5, scope: 'private' });
    expect(completed({ ttlMs: 5, scope: 'private' })).toBe(first);
    expect(first.bytes.toString()).toBe(
      '{"resultType":"complete","ttlMs":5,"cacheScope":"private","_meta":' +
        '{"io.modelcontextprotocol/serverInfo":{"name":"gw","version":"1.0.0"},"x":1.0},"tools":[]}',
    );
    expect(completed({ ttlMs: 5, scope: 'public' }).object()['cacheScope']).toBe('public');
    expect(completed({ ttlMs: 4, scope: 'public' }).object()['ttlMs']).toBe(4);
  });

  it('may hold nothing else', () => {
    const json = new JsonBytes(Buffer.from('{}'));
    const reply = { kind: 'result', json, freshness: { ttlMs: 0, scope: 'private' } } as const;
    expect(Object.keys(completeReply('tools/list', reply, SELF).json.object())).toEqual([
      'resultType',
      'ttlMs',
      'cacheScope',
      '_meta',
    ]);
  });
});
