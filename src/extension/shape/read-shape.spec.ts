import { IsIn, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';

import { Doc, IsDuration, Nested, NestedList, NestedMap, StringMap } from './decorators.js';
import { formatKey } from './key-path.js';
import { OutsideText } from './outside-text.js';
import { readShape } from './read-shape.js';

class Inner {
  @Doc('A depth.') @IsInt() @Min(1) readonly depth: number = 3;
  @Doc('Names.') @StringMap() readonly names: Readonly<Record<string, string>> = {};
}

class Outer {
  @Doc('A host.') @IsString() readonly host: string = 'localhost';
  @Doc('A port.') @IsInt() @Min(0) @Max(65_535) readonly httpPort: number = 80;
  @Doc('On?') readonly enabled: boolean = false;
  @Doc('A mode.') @IsIn(['a', 'b']) readonly mode: 'a' | 'b' = 'a';
  @Doc('A wait.') @IsDuration({ min: 10 }) readonly maxWait: number = 1_000;
  @Doc('Words.') @IsString({ each: true }) readonly words: readonly string[] = [];
  @Doc('A token.') @IsOptional() @IsInt() readonly accessToken: number | undefined = undefined;
  @Doc('One.') @Nested(() => Inner) readonly inner: Inner = new Inner();
  @Doc('Many.') @NestedMap(() => Inner, { names: /^[a-z]+$/ }) readonly byName: Readonly<Record<string, Inner>> = {};
  @Doc('List.') @NestedList(() => Inner) readonly list: readonly Inner[] = [];
}

function read(raw: unknown): { value: Outer; problems: string[] } {
  const problems: string[] = [];
  const value = readShape(
    Outer,
    raw,
    {
      problem: (path, message) => problems.push(`${formatKey(path)}: ${message}`),
      parseText: (text) => {
        try {
          return JSON.parse(text) as unknown;
        } catch {
          return undefined;
        }
      },
    },
    { path: ['it'] },
  );
  return { value, problems };
}

describe('reading a shape', () => {
  it('keeps every default of an empty table', () => {
    expect(read({})).toEqual({ value: new Outer(), problems: [] });
  });

  it('finds camelCase properties by their snake_case keys and keeps free names as they are', () => {
    const { value, problems } = read({
      http_port: 81,
      max_wait: '2s',
      inner: { depth: 5 },
      by_name: { crm: { names: { 'X-Trace_Id': 'y' } } },
      list: [{ depth: 1 }, {}],
    });

    expect(problems).toEqual([]);
    expect(value).toMatchObject({ httpPort: 81, maxWait: 2_000, inner: { depth: 5 } });
    expect(value.byName['crm']?.names).toEqual({ 'X-Trace_Id': 'y' });
    expect(value.list.map(({ depth }) => depth)).toEqual([1, 3]);
  });

  it('says everything that is wrong, not only the first', () => {
    const { problems } = read({
      hots: 1,
      host: 5,
      http_port: 70_000,
      enabled: 'yes',
      mode: 'c',
      max_wait: 'soon',
      words: ['a', 2],
      inner: { depth: 0.5 },
      by_name: { Crm: {}, a: 7 },
      list: [{ depth: 'deep' }],
    });

    expect(problems).toEqual([
      'it.hots: unknown key; did you mean "host"?',
      'it.host: must be a string (got 5)',
      'it.enabled: must be a boolean (got "yes")',
      'it.max_wait: must be a time such as "30s" or "250ms" (a bare number is seconds) (got "soon")',
      'it.inner.depth: must not be less than 1; must be an integer number (got 0.5)',
      'it.by_name.Crm: a name must match ^[a-z]+$',
      'it.by_name.a: must be a table',
      'it.list[0].depth: must be a number (got "deep")',
      'it.http_port: must not be greater than 65535 (got 70000)',
      'it.mode: must be one of the following values: a, b (got "c")',
      'it.words: each value must be a string',
    ]);
  });

  it.each([
    ['5ms', 'must be at least 10ms'],
    ['25d', 'must be at most 24d'],
  ])('bounds a time of %s', (max_wait, message) => {
    expect(read({ max_wait }).problems).toEqual([`it.max_wait: ${message} (got "${max_wait}")`]);
  });

  it('gives outside text the type of its field', () => {
    const text = (value: string): OutsideText => new OutsideText(value, false);
    const { value, problems } = read({
      host: text('127'),
      http_port: text('8080'),
      enabled: text('true'),
      max_wait: text('250ms'),
      words: text('["x"]'),
      inner: { names: { A: text('1') } },
    });

    expect(problems).toEqual([]);
    expect(value).toMatchObject({ host: '127', httpPort: 8080, enabled: true, maxWait: 250, words: ['x'] });
    expect(value.inner.names['A']).toBe('1');
  });

  it('never shows a secret in a message', () => {
    const { problems } = read({ http_port: new OutsideText('hunter2', true), access_token: 'hunter2', mode: 'c d/e' });

    expect(problems.join('\n')).not.toContain('hunter2');
    expect(problems).toContain('it.mode: must be one of the following values: a, b');
  });

  it('finds no name in a table of free names that nobody wrote', () => {
    const { value } = read({});

    expect(value.byName['constructor']).toBeUndefined();
    expect(value.inner.names['__proto__']).toBeUndefined();
  });

  it('takes dangerous names for names', () => {
    const raw = JSON.parse('{"inner": {"names": {"__proto__": "x"}}, "__proto__": {"host": "evil"}}') as object;
    const { value, problems } = read(raw);

    expect(problems).toEqual(['it.__proto__: unknown key']);
    expect(value.host).toBe('localhost');
    expect(Object.keys(value.inner.names)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['host']).toBeUndefined();
  });

  it.each([[5], ['text'], [[]], [new Date()], [null]])('refuses %j where a table belongs', (raw) => {
    expect(read(raw).problems).toEqual(['it: must be a table']);
  });
});
