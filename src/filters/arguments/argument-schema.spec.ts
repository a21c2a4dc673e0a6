import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { brisk } from '../../../test/support/brisk.js';
import type { JsonValue } from '../../core/json.js';
import { ArgumentSchema, type Judgement } from './argument-schema.js';

function schemaOf(schema: JsonValue): ArgumentSchema {
  return ArgumentSchema.of(schema, JSON.stringify(schema).length);
}

function judge(schema: JsonValue, given: JsonValue): Judgement {
  return schemaOf(schema).judge(given, JSON.stringify(given).length);
}

const Q = { type: 'object', properties: { q: { type: 'string', minLength: 2 } }, required: ['q'] };

/** Each level asks for the next twice. */
function doubling(levels: number): JsonValue {
  const $defs: Record<string, JsonValue> = { d0: { type: 'string' } };
  for (let level = 1; level <= levels; level++) {
    const next = { $ref: `#/$defs/d${level - 1}` };
    $defs[`d${level}`] = { anyOf: [next, next] };
  }
  return { type: 'object', $defs, properties: { x: { $ref: `#/$defs/d${levels}` } } };
}

function nested(levels: number): JsonValue {
  return levels === 0 ? { type: 'string' } : { anyOf: [nested(levels - 1), { type: 'null' }] };
}

describe('the schema of arguments', () => {
  it('says where they do not fit and which rule they break, and nothing of what they are', () => {
    expect(judge(Q, { q: 'fit' })).toEqual([]);
    expect(judge(Q, { q: 17_042_001 })).toEqual([{ at: '/q', rule: 'type', message: 'must be string' }]);
    expect(judge(Q, {})).toEqual([{ at: '/q', rule: 'required', message: "must have required property 'q'" }]);
    expect(judge({ ...Q, additionalProperties: false }, { q: 'fit', 'a/b': 1 })).toMatchObject([
      { at: '/a~1b', rule: 'additionalProperties' },
    ]);
    const secret = { type: 'object', properties: { q: { enum: ['a', 'b'] } } };
    expect(JSON.stringify(judge(secret, { q: 'hunter2' }))).not.toContain('hunter2');
  });

  it.each([
    ['http://json-schema.org/draft-07/schema#', { items: [{ type: 'string' }] }, [1]],
    ['https://json-schema.org/draft/2019-09/schema', { items: [{ type: 'string' }] }, [1]],
    ['https://json-schema.org/draft/2020-12/schema', { prefixItems: [{ type: 'string' }] }, [1]],
  ])('is read in the dialect that it names: %s', ($schema, list, given) => {
    const schema = { $schema, type: 'object', properties: { list } };
    expect(judge(schema, { list: given })).toMatchObject([{ at: '/list/0', rule: 'type' }]);
  });

  it('knows formats, and minds none that it does not know', () => {
    const schema = { properties: { mail: { format: 'email' }, odd: { format: 'odd' } } };
    expect(judge(schema, { mail: 'a@example.com', odd: '' })).toEqual([]);
    expect(judge(schema, { mail: 'nobody' })).toMatchObject([{ at: '/mail', rule: 'format' }]);
  });

  it('is never fetched from anywhere', async () => {
    let asked = 0;
    const canary = createServer((_, response) => {
      asked++;
      response.end('{}');
    }).listen(0, '127.0.0.1');
    await once(canary, 'listening');
    try {
      const { port } = canary.address() as AddressInfo;
      const schema = schemaOf({ properties: { q: { $ref: `http://127.0.0.1:${port}/schema.json` } } });
      expect([schema.problem, schema.judge({ q: 1 }, 7)]).toEqual(['it refers to what is not in it', 'unchecked']);
      await new Promise((done) => setImmediate(done));
      expect(asked).toBe(0);
    } finally {
      await new Promise((done) => canary.close(done));
    }
  });

  it.each<[string, JsonValue, string]>([
    ['another dialect', { $schema: 'http://json-schema.org/draft-03/schema#' }, 'its dialect is not known'],
    ['words of the wrong type', { properties: { q: { maximum: '1);process.exit(' } } }, 'it is not a valid schema'],
    ['patterns that are none', { properties: { q: { pattern: '(' } } }, 'it is not a valid schema'],
    ['too many levels', nested(40), 'it is too deep'],
    ['too many parts', { anyOf: Array.from({ length: 5_000 }, () => ({})) }, 'it is too large'],
    ['too many bytes', { description: 'x'.repeat(300_000) }, 'it is too long'],
  ])('is not used with %s', (_, schema, problem) => {
    expect(schemaOf(schema).problem).toBe(problem);
  });

  it('of two servers may have the same id', () => {
    const $id = 'https://example.com/tool';
    expect(judge({ $id, properties: { q: { type: 'string' } } }, { q: 1 })).toHaveLength(1);
    expect(judge({ $id, properties: { q: { type: 'number' } } }, { q: 1 })).toEqual([]);
  });

  it('takes recursion that goes somewhere, and not one that does not', () => {
    const tree = { type: 'object', properties: { name: { type: 'string' }, children: { items: { $ref: '#' } } } };
    expect(judge(tree, { children: [{ children: [{ name: 1 }] }] })).toMatchObject([
      { at: '/children/0/children/0/name' },
    ]);
    const circle = schemaOf({ properties: { x: { $ref: '#/properties/x' } } });
    // Whichever ends first: the stack, or the time.
    expect([circle.problem, circle.judge({ x: 1 }, 7)]).toEqual([expect.any(String), 'unchecked']);
    const late = schemaOf({
      $defs: { x: { allOf: [{ $ref: '#' }] } },
      properties: { y: {} },
      dependentSchemas: { y: { $ref: '#/$defs/x' } },
    });
    expect(late.judge({ y: 1 }, 7)).toMatchObject([{ rule: 'cost' }]);
    expect(late.judge({}, 2)).toEqual([]);
  });

  it.each<[string, JsonValue, JsonValue]>([
    ['regular expressions', { properties: { q: { pattern: '^(a+)+$' } } }, { q: `${'a'.repeat(64)}!` }],
    ['names of properties', { patternProperties: { '^(a|a)*$': {} } }, { [`${'a'.repeat(64)}!`]: 1 }],
    ['alternatives of alternatives', doubling(40), { x: 1 }],
    [
      'things that have to be unlike',
      { properties: { q: { uniqueItems: true } } },
      { q: Array.from({ length: 30_000 }, (_, a) => ({ a })) },
    ],
  ])('holds nobody up with %s, and is never given up for it: whoever asks for that is refused', (_, schema, given) => {
    const bytes = JSON.stringify(given).length;
    const hostile = schemaOf(schema);
    const start = performance.now();
    for (let n = 0; n < 5; n++) expect(hostile.judge(given, bytes)).toMatchObject([{ rule: 'cost' }]);
    expect(performance.now() - start).toBeLessThan(brisk(600));
    expect(hostile.problem).toBeUndefined();
    expect(hostile.judge({}, 2)).toEqual([]);
  });

  it('goes on being kept when a regular expression runs out of its stack', () => {
    const schema = schemaOf({
      properties: { q: { pattern: '^((a|b)|(c|d))*$' }, n: { type: 'integer' } },
    });
    const q = 'a'.repeat(3_500_000);
    expect(schema.judge({ q }, q.length + 8)).toMatchObject([{ rule: 'cost' }]);
    expect(schema.judge({ q: '', n: 'x' }, 16)).toMatchObject([{ at: '/n', rule: 'type' }]);
  });

  it.each<[string, JsonValue, JsonValue]>([
    [
      'long lists of values',
      { properties: { q: { items: { enum: Array.from({ length: 20_000 }, (_, n) => `v${n}`) } } } },
      { q: Array.from({ length: 40_000 }, () => 'v19999') },
    ],
    [
      'long rows of repeated characters',
      { properties: { q: { pattern: `^${'.{999}'.repeat(3_000)}` } } },
      { q: 'a'.repeat(100) },
    ],
  ])('is watched with %s too', (_, schema, given) => {
    const hostile = schemaOf(schema);
    const start = performance.now();
    hostile.judge(given, JSON.stringify(given).length);
    expect(performance.now() - start).toBeLessThan(brisk(120));
  });
});
