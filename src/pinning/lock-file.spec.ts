import { BrokenLock, readLock, writeLock, type Approvals } from './lock-file.js';
import { describedTool, type ToolDefinition } from './tool-definition.js';

function tool(description: unknown, more: object = {}): ToolDefinition {
  const { definition, sha256 } = describedTool(Buffer.from(JSON.stringify({ name: 't', description, ...more })));
  return { definition, sha256 };
}

const approvals = (...tools: [string, ToolDefinition][]): Approvals => new Map([['crm', new Map(tools)]]);

describe('a lock file', () => {
  it('is read as it was written, line by line where a description has lines', () => {
    const all = approvals(['t', tool('one\ntwo', { inputSchema: { type: 'object' }, __proto__: 1 })]);
    const text = writeLock(all);
    expect(readLock(text)).toEqual(all);
    expect(text).toContain('"one",\n');
  });

  it.each([undefined, 5, ['a', 'b'], 'plain', '\n'])(
    'is read as it was written with the description %j',
    (description) => {
      const all = approvals(['t', tool(description)]);
      expect(readLock(writeLock(all))).toEqual(all);
    },
  );

  it('is the same for the same tools in any order', () => {
    const named = (name: string): [string, ToolDefinition] => [name, tool(name)];
    expect(writeLock(approvals(named('b'), named('a')))).toBe(writeLock(approvals(named('a'), named('b'))));
  });

  it('holds tools by names that objects know', () => {
    const { definition, sha256 } = describedTool(Buffer.from('{"name":"__proto__"}'));
    const all = approvals(['__proto__', { definition, sha256 }]);
    expect(readLock(writeLock(all)).get('crm')?.get('__proto__')?.sha256).toBe(sha256);
  });

  it.each([
    ['not JSON', '{', 'it is not JSON'],
    ['of two minds', '{"version":1,"groups":{"crm":{}},"groups":{}}', 'a key stands twice'],
    [
      'deeper than anybody reads',
      `{"version":1,"groups":{"crm":{"t":{"definition":{"name":"t","x":${'['.repeat(20_000)}${']'.repeat(20_000)}},"sha256":""}}}}`,
      'too deep',
    ],
    ['of another version', '{"version":2,"groups":{}}', 'version 1'],
    ['without groups', '{"version":1}', 'no "groups"'],
    ['with half a block', '{"version":1,"groups":{"crm":{"t":{}}}}', 'tool "t" of group "crm" has no "definition"'],
  ])('is refused when it is %s', (_, text, message) => {
    expect(() => readLock(text)).toThrow(BrokenLock);
    expect(() => readLock(text)).toThrow(message);
  });

  it('is refused when somebody changed what was approved', () => {
    const text = writeLock(approvals(['t', tool('good')]));
    expect(() => readLock(text.replace('good', 'evil'))).toThrow('changed by hand');
    expect(() => readLock(text.replace('"t": {', '"u": {'))).toThrow('definition of another tool');
  });
});

describe('what is approved of a tool', () => {
  const digest = (text: string) => describedTool(Buffer.from(text)).sha256;

  it('is whatever callers decide by, in any spelling of its keys', () => {
    const before = digest('{"name":"t","description":"a"}');
    expect(digest('{"description":"a","name":"t","icons":[],"_meta":{"x":1}}')).toBe(before);
    for (const more of [
      '"title":"x"',
      '"annotations":{}',
      '"outputSchema":{}',
      '"Description":"b"',
      '"deſcription":"b"',
    ]) {
      expect(digest(`{"name":"t","description":"a",${more}}`)).not.toBe(before);
    }
  });

  it('is nothing for sure where a key stands twice', () => {
    const described = describedTool(Buffer.from('{"name":"t","description":"evil","description":"a"}'));
    expect([described.sha256 === digest('{"name":"t","description":"a"}'), described.isAmbiguous]).toEqual([
      true,
      true,
    ]);
  });
});
