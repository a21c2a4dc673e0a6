import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runCommand } from '../cli.js';

const RULES = `
[[security.policy.rules]]
name = "readers"
roles = ["reader"]
groups = ["crm"]
tools = ["read_*"]
[[security.policy.rules]]
name = "payers"
principals = ["jwt:ann"]
tools = ["pay"]
scopes = ["pay"]
when = "arguments.amount <= 100"
[[security.policy.rules]]
name = "harmless"
when = "tool.annotations.readOnlyHint == true"
`;

let directory: string;
let file: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'mcp-explain-'));
  file = join(directory, 'gateway.toml');
  writeFileSync(file, RULES);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function explain(...args: string[]): Promise<{ code: unknown; lines: string[] }> {
  const lines: string[] = [];
  const terminal = {
    out: (line: string) => lines.push(line),
    err: (line: string) => lines.push(line),
    environment: {},
  };
  const code = await runCommand(['explain', '--config', file, ...args], terminal);
  return { code, lines };
}

const ANN = ['--principal', 'jwt:ann', '--group', 'crm'];

describe('mcp-gateway explain', () => {
  it('says which rule allows a request', async () => {
    expect(await explain(...ANN, '--role', 'reader', '--tool', 'read_x')).toEqual({
      code: 0,
      lines: [
        'allowed',
        '  readers: matches',
        '  payers: does not name it among its tools',
        '  harmless: depends on what the server says of it, which is not known here',
      ],
    });
  });

  it('says what keeps each rule from allowing it', async () => {
    const { code, lines } = await explain(...ANN, '--tool', 'pay', '--scope', 'pay', '--arguments', '{"amount":101}');
    expect(code).toBe(1);
    expect(lines.slice(0, 3)).toEqual([
      'denied: it is shown, but not to be used like this',
      '  readers: is for other roles',
      '  payers: its condition is not true',
    ]);
    const scoped = await explain(...ANN, '--tool', 'pay', '--arguments', '{"amount":1}');
    expect(scoped.lines[2]).toBe('  payers: matches, but for the scopes pay');
    const hidden = await explain('--principal', 'jwt:bob', '--role', 'reader', '--tool', 'read_x');
    expect(hidden.lines.slice(0, 2)).toEqual([
      'hidden: it answers like something that does not exist',
      '  readers: is for other groups',
    ]);
  });

  it.each([
    [['--tool', 'x'], '--principal'],
    [['--principal', 'ann', '--tool', 'x'], '--principal'],
    [ANN, 'one of --tool, --prompt, --resource'],
    [[...ANN, '--tool', 'x', '--prompt', 'y'], 'one of'],
    [[...ANN, '--tool', 'x', '--arguments', '[]'], '--arguments must be a JSON object'],
    [[...ANN, '--tool', 'x', '--nonsense'], '--nonsense'],
  ])('refuses %j', async (args, message) => {
    const { code, lines } = await explain(...args);
    expect([code, lines[0]]).toEqual([2, expect.stringContaining(message)]);
  });
});
