import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { IsInt, IsString, Max, Min } from 'class-validator';

import { Doc, IsDuration, Nested, NestedList, NestedMap, StringMap } from '../../extension/index.js';
import type { ConfigSnapshot } from '../config-snapshot.js';
import { readToml } from '../document/toml.format.js';
import { type ConfigRejection, formatProblem } from '../problem.js';
import { Section } from '../section.js';
import { TimeoutSection } from '../timeout.section.js';
import { loadConfig } from './load-config.js';

@Section('server', { restart: true })
class ServerSection {
  @Doc('Address.') @IsString() readonly host: string = '127.0.0.1';
  @Doc('Port.') @IsInt() @Min(0) @Max(65_535) readonly port: number = 8080;
}

@Section('gateway')
class GatewaySection {
  @Doc('Name.') @IsString() readonly name: string = 'mcp-gateway';
  @Doc('Environment.') @IsString() readonly environment: string = 'development';
}

@Section('logging')
class LoggingSection {
  @Doc('Level.') @IsString() readonly level: string = 'info';
}

@Section('security')
class SecuritySection {
  @Doc('Open to everybody.') readonly allowAnonymous: boolean = false;
}

@Section('metrics')
class MetricsSection {
  @Doc('On.') readonly enabled: boolean = true;
  @Doc('Port.') @IsInt() readonly port: number = 9090;
}

class Upstream {
  @Doc('Id.') readonly id: string = '';
  @Doc('URL.') readonly url: string = '';
  @Doc('Arguments.') @IsString({ each: true }) readonly args: readonly string[] = [];
  @Doc('Environment.') @StringMap() readonly env: Readonly<Record<string, string>> = {};
  @Doc('Weight.') @IsInt() @Min(0) readonly weight: number = 100;
}
class Group {
  @Doc('Strategy.') readonly strategy: string = 'round_robin';
  @Doc('Servers.') @NestedList(() => Upstream) readonly servers: readonly Upstream[] = [];
}
class HealthCheck {
  @Doc('On.') readonly enabled: boolean = true;
  @Doc('Interval.') @IsDuration() readonly interval: number = 15_000;
  @Doc('Time-out.') @IsDuration() readonly timeout: number = 5_000;
}
@Section('upstream')
class UpstreamSection {
  @Doc('Groups.') @NestedMap(() => Group) readonly groups: Readonly<Record<string, Group>> = {};
  @Doc('Health.') @Nested(() => HealthCheck) readonly healthCheck: HealthCheck = new HealthCheck();
}

const SECTIONS = [
  ServerSection,
  GatewaySection,
  LoggingSection,
  SecuritySection,
  MetricsSection,
  UpstreamSection,
  TimeoutSection,
];

function load(text: string, environment: Record<string, string> = {}): ConfigSnapshot {
  return loadConfig(readToml(text, 'gateway.toml'), { sections: SECTIONS, environment });
}

function problems(text: string, environment: Record<string, string> = {}): readonly string[] {
  try {
    load(text, environment);
  } catch (thrown) {
    return (thrown as ConfigRejection).problems.map(formatProblem);
  }
  return [];
}

const SEED = `
[server]
host = "0.0.0.0"
port = 8080

[gateway]
name = "mcp-gateway"
environment = "production"

[upstream.groups.default]
strategy = "round_robin"

[[upstream.groups.default.servers]]
id = "mcp-server-1"
url = "ws://localhost:3001"
weight = 100

[[upstream.groups.default.servers]]
id = "mcp-server-2"
url = "ws://localhost:3002"
weight = 100

[upstream.health_check]
enabled = true
interval = 30
timeout = 5

[metrics]
enabled = true
port = 9090
`;

const WAF =
  'the web application firewall is not in this version; the gateway does not start rather than look protected and be open';

describe('loading a configuration', () => {
  it('reads the file people know', () => {
    const config = load(SEED);

    expect(config.get(ServerSection)).toMatchObject({ host: '0.0.0.0', port: 8080 });
    expect(config.get(UpstreamSection).healthCheck).toMatchObject({ interval: 30_000, timeout: 5_000 });
    expect(config.get(UpstreamSection).groups['default']?.servers.map(({ id }) => id)).toEqual([
      'mcp-server-1',
      'mcp-server-2',
    ]);
  });

  it('keeps every default of an empty file', () => {
    const config = load('');

    expect(SECTIONS.map((section) => config.get<object>(section))).toEqual(SECTIONS.map((section) => new section()));
  });

  it('freezes what it gives, all the way down', () => {
    const config = load(SEED);
    const group = config.get(UpstreamSection).groups['default'] as { strategy: string };

    expect(() => (group.strategy = 'x')).toThrow(TypeError);
    expect(Object.isFrozen(config.get(UpstreamSection).groups)).toBe(true);
  });

  it('says all that is wrong, in the order of the file', () => {
    expect(
      problems(`[server]
hots = "x"
port = "http"
[upstream.groups.crm]
strategy = 7
[[upstream.groups.crm.servers]]
weight = -1
[middleware.timout]
[servers]
`),
    ).toEqual([
      'gateway.toml:2:1: server.hots: unknown key; did you mean "host"?',
      'gateway.toml:3:1: server.port: must be a number (got "http")',
      'gateway.toml:5:1: upstream.groups.crm.strategy: must be a string (got 7)',
      'gateway.toml:7:1: upstream.groups.crm.servers[0].weight: must not be less than 0 (got -1)',
      'gateway.toml:8:1: middleware.timout: unknown section; did you mean "timeout"?',
      'gateway.toml:9:1: servers: unknown section; did you mean "server"?',
    ]);
  });

  it('refuses a section that is no table', () => {
    expect(problems('server = 5\nmiddleware = 6\n')).toEqual([
      'gateway.toml:1:1: server: must be a table',
      'gateway.toml:2:1: middleware: must be a table',
    ]);
  });

  it('survives tables called __proto__', () => {
    expect(problems('[__proto__]\nx = 1\n[server.constructor]\n[upstream.groups.__proto__]\n')).toEqual([
      expect.stringMatching(/^gateway.toml:1:1: __proto__: unknown section; known: /),
      'gateway.toml:3:1: server.constructor: unknown key',
    ]);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('is a mistake of ours, not of the file, to ask for a section that was not loaded', () => {
    @Section('other')
    class Other {}

    expect(() => load('').get(Other)).toThrow('[other] is not in the list of sections');
    expect(() => loadConfig(readToml('', 'f'), { sections: [Other, Other], environment: {} })).toThrow('two sections');
  });
});

describe('keys of later versions', () => {
  it.each([
    ['[waf]\nenabled = true', `gateway.toml:1:1: waf: ${WAF}`],
    ['gateway.name = "x"\nwaf.enabled = false', `gateway.toml:2:1: waf: ${WAF}`],
    [
      '[redis.cluster]\nnodes = []',
      'gateway.toml:1:1: redis.cluster: Redis Cluster is not in this version; the gateway does not start rather than ignore it',
    ],
    [
      '[cache]\nttl = 5',
      'gateway.toml:1:1: cache: caching is not in this version; the gateway does not start rather than ignore it',
    ],
    [
      '[middleware.cors]',
      'gateway.toml:1:1: middleware.cors: this middleware is not in this version; the gateway does not start rather than ignore it',
    ],
  ])('refuses %j by name, and says nothing else about it', (text, problem) => {
    expect(problems(text)).toEqual([problem]);
  });

  it('refuses the variable that would set one', () => {
    expect(problems('', { MCP_GATEWAY__WAF__ENABLED: 'true' })).toEqual([
      `environment variable MCP_GATEWAY__WAF__ENABLED: waf: ${WAF}`,
    ]);
    expect(problems('', { MCP_GATEWAY__CACHE__TTL: '5' })[0]).toMatch(
      /^environment variable MCP_GATEWAY__CACHE__TTL: cache: /,
    );
  });

  it('does not refuse what a section knows by now', () => {
    @Section('waf')
    class WafSection {
      @Doc('On.') readonly enabled: boolean = false;
    }
    const text = '[security]\nallow_anonymous = true\n[waf]\nenabled = true';
    const config = loadConfig(readToml(text, 'f'), { sections: [SecuritySection, WafSection], environment: {} });

    expect(config.get(WafSection).enabled).toBe(true);
    expect(config.get(SecuritySection).allowAnonymous).toBe(true);
  });
});

describe('the environment', () => {
  it('overrides the file by short names', () => {
    const config = load(SEED, {
      MCP_GATEWAY_HOST: '10.0.0.1',
      MCP_GATEWAY_PORT: '9000',
      MCP_GATEWAY_LOG_LEVEL: 'debug',
    });

    expect(config.get(ServerSection)).toMatchObject({ host: '10.0.0.1', port: 9000 });
    expect(config.get(LoggingSection).level).toBe('debug');
  });

  it('overrides any key by its path', () => {
    const config = load(SEED.replaceAll('default', 'my-crm'), {
      MCP_GATEWAY__GATEWAY__NAME: '2024',
      MCP_GATEWAY__MIDDLEWARE__TIMEOUT__REQUEST: '250ms',
      MCP_GATEWAY__UPSTREAM__HEALTH_CHECK__ENABLED: 'false',
      MCP_GATEWAY__UPSTREAM__GROUPS__MY_CRM__STRATEGY: 'ip_hash',
      MCP_GATEWAY__UPSTREAM__GROUPS__MY_CRM__SERVERS__0__WEIGHT: '7',
      MCP_GATEWAY__UPSTREAM__GROUPS__MY_CRM__SERVERS__1__ARGS: '["a", "b"]',
      MCP_GATEWAY__UPSTREAM__GROUPS__MY_CRM__SERVERS__1__ENV__Some__Key: '"as it is"',
      MCP_GATEWAY__UPSTREAM__GROUPS__NEW_ONE__STRATEGY: '"least_connections"',
    });

    const { groups, healthCheck } = config.get(UpstreamSection);
    expect(config.get(GatewaySection).name).toBe('2024');
    expect(config.get(TimeoutSection).request).toBe(250);
    expect(healthCheck.enabled).toBe(false);
    expect(Object.keys(groups)).toEqual(['my-crm', 'new-one']);
    expect(groups['my-crm']?.strategy).toBe('ip_hash');
    expect(groups['my-crm']?.servers[0]?.weight).toBe(7);
    expect(groups['my-crm']?.servers[1]).toMatchObject({ args: ['a', 'b'], env: { Some__Key: '"as it is"' } });
    expect(groups['new-one']?.strategy).toBe('least_connections');
  });

  it('is named where it is wrong', () => {
    expect(
      problems('[upstream.groups.a]\n', {
        MCP_GATEWAY_PORT: 'http',
        MCP_GATEWAY__SERVER__HOTS: 'x',
        MCP_GATEWAY__SERVER__HOST__DEEP: 'x',
        MCP_GATEWAY__UPSTREAM__GROUPS__A__SERVERS__3__URL: 'x',
        MCP_GATEWAY___SERVER: 'x',
      }).toSorted(),
    ).toEqual(
      [
        'environment variable MCP_GATEWAY_PORT: server.port: must be a number (got "http")',
        'environment variable MCP_GATEWAY__SERVER__HOST__DEEP: server.host: must be a string',
        'environment variable MCP_GATEWAY__SERVER__HOTS: server.hots: unknown key; did you mean "host"?',
        'environment variable MCP_GATEWAY__UPSTREAM__GROUPS__A__SERVERS__3__URL: upstream.groups.a.servers: has no element of that number',
        'environment variable MCP_GATEWAY___SERVER: _server: unknown section; did you mean "server"?',
      ].toSorted(),
    );
  });

  it('counts as unset where it is empty, and is not what Kubernetes says of a service of that name', () => {
    const config = load('', { MCP_GATEWAY_HOST: '', MCP_GATEWAY_PORT: 'tcp://10.96.0.7:8080' });

    expect(config.get(ServerSection)).toEqual(new ServerSection());
  });
});

describe('placeholders', () => {
  const directory = mkdtempSync(join(tmpdir(), 'mcp-gateway-config-'));
  const file = join(directory, 'secret');
  writeFileSync(file, 'from-a-file\n');

  it('are replaced wherever a string stands', () => {
    const config = load(
      `[server]
port = "\${PORT}"
[gateway]
name = "\${NAME}-\${SUFFIX:-b:-c}"
environment = "\${EMPTY:-fallback} $\${NAME}"
[[upstream.groups.a.servers]]
id = "\${file:${file}}"
args = ["--token", "\${NAME}"]
env = { A = "\${NAME}" }
`,
      { PORT: '81', NAME: 'a', EMPTY: '' },
    );

    expect(config.get(ServerSection).port).toBe(81);
    expect(config.get(GatewaySection)).toMatchObject({ name: 'a-b:-c', environment: 'fallback ${NAME}' });
    expect(config.get(UpstreamSection).groups['a']?.servers[0]).toMatchObject({
      id: 'from-a-file',
      args: ['--token', 'a'],
      env: { A: 'a' },
    });
  });

  it('are not replaced where the environment overrides the key', () => {
    expect(load('[server]\nhost = "${MISSING}"', { MCP_GATEWAY_HOST: '::1' }).get(ServerSection).host).toBe('::1');
  });

  it('are a problem where they lead nowhere', () => {
    expect(
      problems(`[gateway]
name = "\${MISSING}"
environment = "\${file:${directory}/none}"
[server]
host = "\${not a name}"
[[upstream.groups.a.servers]]
args = ["x",
  "\${ALSO_MISSING}"]
id = "\${file:${directory}}"
`),
    ).toEqual([
      'gateway.toml:2:1: gateway.name: the environment variable MISSING is not set',
      `gateway.toml:3:1: gateway.environment: the file ${directory}/none cannot be read (ENOENT)`,
      'gateway.toml:5:1: server.host: a placeholder is ${NAME}, ${NAME:-default} or ${file:/path}; write $${ for a plain ${',
      'gateway.toml:8:3: upstream.groups.a.servers[0].args[1]: the environment variable ALSO_MISSING is not set',
      `gateway.toml:9:1: upstream.groups.a.servers[0].id: the file ${directory} is not a file of at most 65536 bytes`,
    ]);
  });

  it('are remembered, so that nothing prints what came of them', () => {
    const { provenance } = load('[gateway]\nname = "${A}"\nenvironment = "${B:-open}"', { A: 'hunter2' });

    expect([...provenance.secrets]).toEqual(['hunter2']);
    expect(problems('[server]\nport = "${A}"', { A: 'hunter2' })).toEqual([
      'gateway.toml:2:1: server.port: must be a number',
    ]);
  });
});
