import { parseCondition, problemOf } from './condition.js';

const moments = (source: string) => parseCondition(source).map(({ moment }) => moment);

describe('a condition', () => {
  it('is taken apart by when each part of it can be decided', () => {
    expect(moments('"a" in principal.roles && tool.name == "x" && arguments.amount < 5')).toEqual([
      'principal',
      'target',
      'call',
    ]);
    expect(moments('request.route == "mcp"')).toEqual(['principal']);
    expect(moments('request.client_address == "::1"')).toEqual(['call']);
    expect(moments('principal.claims["team"] == target.group')).toEqual(['target']);
    expect(moments('(principal.tenant == "a" || arguments.x == 1) && true')).toEqual(['call', 'principal']);
  });

  it('keeps the meaning of what it takes apart', () => {
    const terms = parseCondition('(arguments.a == 1 || arguments.a == 2) && !(arguments.b == 3)');
    const holds = (a: number, b: number) => terms.every((term) => term.evaluate({ arguments: { a, b } }) === true);
    expect([holds(1, 1), holds(2, 1), holds(3, 1), holds(1, 3)]).toEqual([true, true, false, false]);
  });

  it('knows whether it needs what the server says of a thing', () => {
    const needs = (source: string) => parseCondition(source)[0]?.needsDefinition;
    expect(needs('tool.name == "x" && true')).toBe(false);
    expect(needs('tool.annotations.readOnlyHint == true')).toBe(true);
    expect(needs('tool[arguments.key] == 1')).toBe(true);
  });

  it('matches text by patterns of our own', () => {
    const [term] = parseCondition('glob(arguments.path, "/srv/*")');
    expect(term?.evaluate({ arguments: { path: '/srv/a' } })).toBe(true);
    expect(term?.evaluate({ arguments: { path: '/etc/a' } })).toBe(false);
  });

  it.each([
    ['"a" ==', 'Unexpected token'],
    ['1 + 2', 'gives int, and has to give bool'],
    ['foo.bar', 'Unknown variable: foo'],
    ['arguments.a.matches("(a+)+$")', 'use glob'],
    ['cel.bind(x, arguments.a, x.all(y, x.all(z, true)))', 'cel.bind'],
    ['arguments.a.all(x, arguments.b.all(y, true))', 'for each element'],
    ['principal.roles.all(x, x.all(y, y.all(z, true)))', 'two deep'],
    ['(((((((((((((((((((((((((((((((((true)))))))))))))))))))))))))))))))))', 'maxDepth'],
    [Array.from({ length: 300 }, () => 'true').join(' && '), ''],
  ])('refuses %j', (source, message) => {
    expect(problemOf(source)).toContain(message);
    expect(problemOf(source)).not.toContain('\n');
  });

  it('may go through what one element holds, and through what is known of the principal', () => {
    expect(problemOf('arguments.items.all(i, i.tags.exists(t, t in principal.roles))')).toBeUndefined();
    expect(problemOf('arguments.paths.all(p, principal.claims.paths.exists(c, glob(p, c)))')).toBeUndefined();
  });
});
