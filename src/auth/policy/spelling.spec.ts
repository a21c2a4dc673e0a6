import { array, assert, constantFrom, jsonValue, oneof, property, string, tuple } from 'fast-check';

import { McpRequest } from '../../core/message.js';
import { members } from '../../core/walk.js';
import { readParams } from '../../protocol/index.js';
import { checkSpelling } from './spelling.js';

const DECIDING = ['name', 'uri', 'ref', 'arguments', 'type'];

/** What the check is for, by keys as text. */
function isWellSpelled(bytes: Buffer): boolean {
  const keys = members(bytes).map(({ key }) => key);
  const deciding = keys.filter((key) => DECIDING.includes(key.toLowerCase()));
  return deciding.every((key) => DECIDING.includes(key)) && new Set(deciding).size === deciding.length;
}

function passes(params: string, method = 'tools/call'): boolean {
  try {
    checkSpelling(new McpRequest(method, readParams(Buffer.from(params))));
    return true;
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'protocol_invalid_params' });
    return false;
  }
}

/** The key, with the letter at `at` written in another way. */
const cased = (key: string, at: number, write: (letter: string) => string): string =>
  key.slice(0, at) + write(key.charAt(at)) + key.slice(at + 1);
const escaped = (letter: string): string => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;

const keys = oneof(
  constantFrom(
    ...DECIDING,
    '_meta',
    'task',
    'cursor',
    'nam',
    'names',
    'ＮＡＭＥ',
    'ur\u0131',
    'ur\u0130',
    'ty\\npe',
    '\\\\',
  ),
  tuple(constantFrom(...DECIDING), constantFrom(0, 1, 2), constantFrom('upper', 'escape', 'escape upper')).map(
    ([key, at, how]) =>
      cased(key, at, (letter) => {
        const written = how.endsWith('upper') ? letter.toUpperCase() : letter;
        return how.startsWith('escape') ? escaped(written) : written;
      }),
  ),
  string({ maxLength: 9 }).map((text) => JSON.stringify(text).slice(1, -1)),
);
const spaces = constantFrom('', ' ', '\n\t ', '  ');

describe('the spelling of params', () => {
  it('is judged by bytes as it would be by text', () => {
    const member = tuple(keys, jsonValue({ maxDepth: 2 }), spaces, spaces);
    assert(
      property(array(member, { maxLength: 6 }), spaces, (list, space) => {
        const text = list.map(
          ([key, value, before, after]) => `${before}"${key}"${after}:${before}${JSON.stringify(value)}${after}`,
        );
        const params = `{${space}${text.join(',')}${text.length > 0 ? '' : space}}`;
        expect(passes(params)).toBe(isWellSpelled(Buffer.from(params)));
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ['{"name":"a","arguments":{"Name":"b","name":"c","NAME":1}}', true],
    ['{"name":"a","name":"a"}', false],
    ['{"name":"a","n\\u0061me":"a"}', false],
    ['{"n\\u0061me":"a"}', true],
    ['{"N\\u0061me":"a"}', false],
    ['{"\\u004eame":"a"}', false],
    ['{"_meta":{"Name":1,"x":"}"},"name":"a"}', true],
    ['{"_meta":{"x":"\\\\\\""},"Name":"a"}', false],
    ['{"x":"\\"Name\\":","name":"a"}', true],
    ['{"name":"a","arguments":{},"argument\u017f":{}}', false],
    ['{"name":"a","arguments":{},"argument\\u017f":{}}', false],
    ['{"name":"a","arguments":{"argument\u017f":1},"größe":1}', true],
    ['[]', true],
    ['{}', true],
  ])('of %s is good: %s', (params, good) => {
    expect(passes(params)).toBe(good);
  });

  it('counts within what is to be completed as well', () => {
    expect(passes('{"ref":{"type":"ref/prompt","name":"a"}}', 'completion/complete')).toBe(true);
    expect(passes('{"ref":{"type":"ref/prompt","name":"a","Name":"b"}}', 'completion/complete')).toBe(false);
    expect(passes('{"ref":{"type":"ref/prompt","name":"a","Name":"b"}}', 'tools/call')).toBe(true);
  });
});
