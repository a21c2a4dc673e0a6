import type { JsonObject } from '../../core/json.js';
import { mirrorRules } from './rules.js';

const REGION = { type: 'string', 'x-mcp-header': 'Region' };

function schema(properties: JsonObject, more: JsonObject = {}): JsonObject {
  return { type: 'object', properties, ...more };
}

describe('what a tool wants to see in headers', () => {
  it('is found wherever properties lead', () => {
    const given = schema({
      region: REGION,
      plain: { type: 'string' },
      within: schema({
        limit: { type: 'integer', 'x-mcp-header': 'Limit' },
        deep: schema({ dry: { type: 'boolean', 'x-mcp-header': 'x-Dry' } }),
      }),
      properties: schema({ 'x-mcp-header': { type: 'string', 'x-mcp-header': 'odd!#$%&' } }),
    });
    expect(mirrorRules(given)).toEqual([
      { name: 'Region', path: ['region'] },
      { name: 'Limit', path: ['within', 'limit'] },
      { name: 'x-Dry', path: ['within', 'deep', 'dry'] },
      { name: 'odd!#$%&', path: ['properties', 'x-mcp-header'] },
    ]);
  });

  it.each([
    undefined,
    null,
    true,
    'x',
    {},
    schema({}),
    schema({ a: { type: 'string' }, b: true }),
    { type: 'object', properties: [REGION] },
    // Values are no schemas.
    schema({ a: { type: 'object', default: REGION, examples: [REGION], enum: [REGION], const: REGION } }),
    schema({ 'x-mcp-header': { type: 'string' } }),
  ])('is nothing in %j', (given) => {
    expect(mirrorRules(given as JsonObject)).toBeUndefined();
  });

  it.each<[what: string, given: JsonObject]>([
    ['a name that is empty', schema({ a: { type: 'string', 'x-mcp-header': '' } })],
    ['a name that is no token', schema({ a: { type: 'string', 'x-mcp-header': 'my region' } })],
    ['a name with an end of line', schema({ a: { type: 'string', 'x-mcp-header': 'a\r\nb' } })],
    ['a name in another script', schema({ a: { type: 'string', 'x-mcp-header': 'Région' } })],
    ['a name that is no string', schema({ a: { type: 'string', 'x-mcp-header': true } })],
    ['no name', schema({ a: { type: 'string', 'x-mcp-header': null } })],
    ['a name twice', schema({ a: REGION, b: { type: 'string', 'x-mcp-header': 'REGION' } })],
    ['a number', schema({ a: { type: 'number', 'x-mcp-header': 'A' } })],
    ['an object', schema({ a: { type: 'object', 'x-mcp-header': 'A' } })],
    ['several types', schema({ a: { type: ['string', 'null'], 'x-mcp-header': 'A' } })],
    ['no type', schema({ a: { 'x-mcp-header': 'A' } })],
    ['all arguments', schema({}, { 'x-mcp-header': 'A' })],
    ['items', schema({ a: { type: 'array', items: REGION } })],
    ['one item', schema({ a: { type: 'array', prefixItems: [{}, REGION] } })],
    ['one of several', schema({}, { oneOf: [schema({ a: REGION })] })],
    ['a condition', schema({}, { if: schema({}), else: schema({ a: { allOf: [REGION] } }) })],
    ['properties without names', schema({ a: { additionalProperties: REGION } })],
    ['properties like a pattern', schema({}, { patternProperties: { '^a': REGION } })],
    ['what is referred to', schema({ a: { $ref: '#/$defs/r' } }, { $defs: { r: REGION } })],
    ['what is referred to by the older word', schema({}, { definitions: { r: schema({ a: REGION }) } })],
  ])('is invalid when it is declared of %s', (_what, given) => {
    expect(mirrorRules(given)).toBe('invalid');
    expect(mirrorRules(schema({ region: { type: 'string', 'x-mcp-header': 'Other' }, within: given }))).toBe('invalid');
  });
});
