import { parseKey } from '../../extension/index.js';
import { type ConfigRejection, formatProblem } from '../problem.js';
import { readMcpJson } from './mcp-json.format.js';

const TEXT = `{
  "mcpServers": {
    "File System": {
      "command": "npx",
      "args": ["-y", "server-filesystem", "/tmp"],
      "env": { "TOKEN": "\${TOKEN}" },
      "autoApprove": ["read"]
    },
    "remote": {
      "type": "http",
      "url": "https://example.test/mcp",
      "headers": { "Authorization": "Bearer x" }
    },
    "old": { "command": "x", "disabled": true }
  }
}
`;

function rejection(text: string): string {
  try {
    readMcpJson(text, 'mcp.json');
  } catch (thrown) {
    return (thrown as ConfigRejection).problems.map(formatProblem).join('\n');
  }
  throw new Error('was not refused');
}

describe('reading an mcpServers file', () => {
  it('makes a group of one server of each entry', () => {
    expect(readMcpJson(TEXT, 'mcp.json').tree).toEqual({
      upstream: {
        groups: {
          'file-system': {
            servers: [
              {
                id: 'file-system',
                command: 'npx',
                args: ['-y', 'server-filesystem', '/tmp'],
                env: { TOKEN: '${TOKEN}' },
              },
            ],
          },
          remote: {
            servers: [{ id: 'remote', url: 'https://example.test/mcp', headers: { Authorization: 'Bearer x' } }],
          },
        },
      },
    });
  });

  it.each([
    ['upstream.groups.file-system', 3, 5],
    ['upstream.groups.file-system.servers[0].command', 4, 7],
    ['upstream.groups.file-system.servers[0].args[1]', 5, 21],
    ['upstream.groups.file-system.servers[0].env.TOKEN', 6, 16],
    ['upstream.groups.remote.servers[0].headers.Authorization', 12, 20],
  ])('knows that %s stands at %i:%i', (key, line, column) => {
    const { line: found, column: at } = readMcpJson(TEXT, 'mcp.json').positions.find(parseKey(key));
    expect([found, Math.abs(at - column) <= 2]).toEqual([line, true]);
  });

  it('takes the older HTTP transport at its word', () => {
    const { tree } = readMcpJson('{"mcpServers": {"a": {"type": "sse", "url": "http://x"}}}', 'f');

    expect(tree).toEqual({
      upstream: { groups: { a: { servers: [{ id: 'a', url: 'http://x', transport: 'sse' }] } } },
    });
  });

  it.each([
    ['{\n  "mcpServers": {,}\n}', 'mcp.json:2:18: not JSON'],
    ['{"servers": {}}', 'mcp.json:1:1: has no "mcpServers" object'],
    ['[]', 'mcp.json:1:1: has no "mcpServers" object'],
    ['{"mcpServers": {"a": 5}}', 'mcp.json:1:17: mcpServers.a: must be an object'],
    [
      '{"mcpServers": {"a": {"type": "carrier-pigeon"}}}',
      'mcp.json:1:17: mcpServers.a: unknown type; known: stdio, http, streamable-http, streamableHttp, sse, ws, websocket',
    ],
  ])('refuses %j', (text, problem) => {
    expect(rejection(text)).toBe(problem);
  });

  it('takes dangerous names for names', () => {
    const { tree } = readMcpJson('{"mcpServers": {"__proto__": {"command": "x", "env": {"__proto__": "y"}}}}', 'f');

    expect(tree).toEqual({
      upstream: { groups: { proto: { servers: [expect.objectContaining({ id: 'proto', command: 'x' })] } } },
    });
    expect(({} as Record<string, unknown>)['command']).toBeUndefined();
  });
});
