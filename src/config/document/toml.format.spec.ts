import * as fc from 'fast-check';

import { parseKey } from '../../extension/index.js';
import { ConfigRejection, formatProblem } from '../problem.js';
import { parseTomlValue, readToml } from './toml.format.js';

const TEXT = `# a comment
name = "x"

[server]
  port = 8080
tls.cert = "a"

[[groups.crm.servers]]
url = "ws://a"
[[groups.crm.servers]]
url = "ws://b"
env = { A = "1", B.C = "2" }
args = [
  "--one",
  { deep = true },
]
[groups.crm.servers.headers]
X = "y"
`;

function rejection(text: string): string {
  try {
    readToml(text, 'gateway.toml');
  } catch (thrown) {
    return (thrown as ConfigRejection).problems.map(formatProblem).join('\n');
  }
  throw new Error('was not refused');
}

describe('reading TOML', () => {
  it.each([
    ['name', 2, 1],
    ['server', 4, 1],
    ['server.port', 5, 3],
    ['server.tls', 6, 1],
    ['server.tls.cert', 6, 1],
    ['groups.crm.servers', 8, 1],
    ['groups.crm.servers[0].url', 9, 1],
    ['groups.crm.servers[1]', 10, 1],
    ['groups.crm.servers[1].url', 11, 1],
    ['groups.crm.servers[1].env.A', 12, 9],
    ['groups.crm.servers[1].env.B.C', 12, 18],
    ['groups.crm.servers[1].args[0]', 14, 3],
    ['groups.crm.servers[1].args[1].deep', 15, 5],
    ['groups.crm.servers[1].headers.X', 18, 1],
    ['server.missing.altogether', 4, 1],
    ['nowhere', 1, 1],
  ])('knows that %s stands at %i:%i', (key, line, column) => {
    expect(readToml(TEXT, 'gateway.toml').positions.find(parseKey(key))).toEqual({ line, column });
  });

  it.each([
    ['port = \n', 'gateway.toml:1:8: not TOML: "\\n" is not expected here'],
    ['a = 1\nb = [1, 2\n', 'gateway.toml:3:1: not TOML: end of input is not expected here'],
    ['a = 1\n\na = 2\n', "gateway.toml:3:1: Cannot redefine existing key 'a'"],
    [`a = ${'['.repeat(100)}`, 'gateway.toml:1:69: Maximum nesting depth of 64 exceeded'],
  ])('says where %j is no TOML', (text, problem) => {
    expect(rejection(text)).toBe(problem);
  });

  it('lets no key reach a prototype', () => {
    const { tree } = readToml('[__proto__]\npolluted = true\n[constructor.prototype]\npolluted = true\n', 'f');

    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.keys(tree)).toEqual(['__proto__', 'constructor']);
  });

  it('reads single values, and nothing that is more than one', () => {
    expect(parseTomlValue('8080')).toBe(8080);
    expect(parseTomlValue('["a", 1]')).toEqual(['a', 1]);
    expect(parseTomlValue('0.0.0.0')).toBeUndefined();
    expect(parseTomlValue('1\nother = 2')).toBeUndefined();
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseTomlValue(JSON.stringify(text).replaceAll('\u007F', String.raw`\u007F`))).toBe(text);
      }),
    );
  });
});
