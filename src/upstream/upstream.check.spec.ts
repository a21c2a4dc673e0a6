import { Test } from '@nestjs/testing';

import { sectionWith } from '../../test/support/upstream-bench.js';
import { BalancerModule } from '../balancer/index.js';
import { CLOCK } from '../core/clock.js';
import { ExtensionModule, Extensions } from '../extension/index.js';
import { TRANSPORTS } from './transports/index.js';
import { checkUpstream } from './upstream.check.js';
import type { ServerConfig } from './upstream.section.js';

describe('checkUpstream', () => {
  let extensions: Extensions;

  beforeAll(async () => {
    const module = await Test.createTestingModule({
      imports: [ExtensionModule, BalancerModule],
      providers: [...TRANSPORTS, { provide: CLOCK, useValue: {} }],
    }).compile();
    extensions = module.get(Extensions);
  });

  const problemsOf = (...servers: Partial<ServerConfig>[]): string[] =>
    checkUpstream(sectionWith(servers), extensions).map(({ key, message }) => `${key}: ${message}`);

  it('finds nothing wrong with any transport that ships', () => {
    expect(
      problemsOf(
        { url: 'http://a/mcp', headers: { Authorization: 'Bearer x' } },
        { url: 'https://a/mcp' },
        { url: 'ws://a' },
        { url: 'wss://a' },
        { url: 'http://a/sse', transport: 'sse' },
        { url: 'https://a/mcp', transport: 'streamable_http' },
        { url: 'unix:///run/mcp.sock' },
        { command: 'npx', args: ['-y', 'server'], env: { A: 'b' }, cwd: '/' },
      ),
    ).toEqual([]);
  });

  it.each<[string, Partial<ServerConfig>, string]>([
    ['neither url nor command', {}, 'crm.servers[0]: a server needs either'],
    ['both', { url: 'ws://a', command: 'b' }, 'crm.servers[0]: a server has either'],
    [
      'an unknown scheme',
      { url: 'ftp://a' },
      'crm.servers[0].url: unknown scheme "ftp"; known: ws, wss, http, https, unix',
    ],
    [
      'another transport than its URL has',
      { url: 'ws://a', transport: 'sse' },
      'crm.servers[0].transport: only an http',
    ],
    ['a transport for a command', { command: 'a', transport: 'sse' }, 'crm.servers[0].transport: only an http'],
    [
      'a modern server over the older transport',
      { url: 'http://a/sse', transport: 'sse', era: 'modern' },
      'crm.servers[0].era: HTTP+SSE is older',
    ],
    ['a socket that is none', { url: 'unix://mcp.sock' }, 'crm.servers[0].url: the path of a socket'],
    [
      'headers for a socket',
      { url: 'unix:///a.sock', headers: { a: 'b' } },
      'crm.servers[0].headers: a socket has no headers',
    ],
    ['no URL', { url: 'localhost' }, 'crm.servers[0].url: not a URL'],
    ['the scheme of commands', { url: 'stdio://a' }, 'crm.servers[0].url: unknown scheme "stdio"'],
    ['credentials in a URL', { url: 'http://u:p@a/' }, 'crm.servers[0].url: credentials'],
    [
      'headers for a command',
      { command: 'a', headers: { a: 'b' } },
      'crm.servers[0].headers: a command has no headers',
    ],
    ['a command for a URL', { url: 'ws://a', args: ['b'] }, 'crm.servers[0].args: only a command'],
    ['an environment for a URL', { url: 'ws://a', env: { b: 'c' } }, 'crm.servers[0].env: only a command'],
    [
      'a header over two lines',
      { url: 'ws://a', headers: { 'X-A': 'b\r\nX-B: c' } },
      'crm.servers[0].headers.X-A: a header',
    ],
    [
      'a header of ours',
      { url: 'ws://a', headers: { 'Mcp-Session-Id': 'b' } },
      'crm.servers[0].headers.Mcp-Session-Id: the gateway',
    ],
    [
      'a header that repeats an argument',
      { url: 'https://a', headers: { 'mcp-Param-Region': 'eu' } },
      'crm.servers[0].headers.mcp-Param-Region: the gateway',
    ],
  ])('refuses a server with %s', (_, server, problem) => {
    expect(problemsOf(server).join()).toContain(`upstream.groups.${problem}`);
  });

  it('refuses a group without servers or with an unknown strategy', () => {
    const groups = {
      crm: { strategy: 'p2c', prefix: undefined, isolation: 'auto' as const, onDrift: 'log' as const, servers: [] },
    };
    const problems = checkUpstream(sectionWith([], { groups }), extensions);

    expect(problems.map(({ key }) => key)).toEqual(['upstream.groups.crm.strategy', 'upstream.groups.crm']);
    expect(problems[0]?.message).toContain('known: round_robin, weighted_round_robin, least_connections, ip_hash');
  });

  it('refuses two servers of one name, even where one is only called so by its place', () => {
    expect(problemsOf({ url: 'ws://a', id: 'crm-2' }, { url: 'ws://b' })).toEqual([
      'upstream.groups.crm.servers[1].id: two servers of the group are called "crm-2"',
    ]);
  });
});
