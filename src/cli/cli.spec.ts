import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runCommand } from '../cli.js';
import { type ConfigProblem, openConfig, TimeoutSection } from '../config/index.js';
import type { StartOptions } from '../start.js';
import { type Gateway, generate, staleFiles, type Terminal } from './index.js';

class Recorder implements Terminal {
  readonly outLines: string[] = [];
  readonly errLines: string[] = [];
  readonly environment = {};

  out(line: string): void {
    this.outLines.push(line);
  }

  err(line: string): void {
    this.errLines.push(line);
  }
}

/** A gateway that reads its configuration and remembers how it was started, and does nothing else. */
class FakeGateway implements Gateway {
  readonly started: StartOptions[] = [];

  readonly runGateway = async (options: StartOptions): Promise<void> => {
    await this.open(options);
    this.started.push(options);
  };

  readonly validateGateway = async (options: StartOptions): Promise<readonly ConfigProblem[]> => {
    return (await this.open(options)).problems;
  };

  readonly surveyTools = async (): Promise<never> => {
    throw new Error('asked for tools');
  };

  private open({ config: source }: StartOptions): ReturnType<typeof openConfig> {
    return openConfig({ source, sections: [TimeoutSection], environment: {} });
  }
}

let directory: string;
let terminal: Recorder;
let gateway: FakeGateway;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mcp-gateway-cli-'));
  terminal = new Recorder();
  gateway = new FakeGateway();
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

describe('mcp-gateway', () => {
  it('--validate says that a good file is good', async () => {
    const path = file('gateway.toml', '[middleware.timeout]\nrequest = "5s"\n');

    expect(await runCommand(['--config', path, '--validate'], terminal, gateway)).toBe(0);
    expect(terminal.outLines).toEqual([`${path}: ok`]);
  });

  it('--validate says every problem with its place', async () => {
    const path = file('gateway.toml', '[middleware.timeout]\nrequest = "soon"\nupstrem = 5\n[cache]\n');

    expect(await runCommand(['--config', path, '--validate'], terminal, gateway)).toBe(1);
    expect(terminal.errLines).toEqual([
      `${path}:2:1: middleware.timeout.request: must be a time such as "30s" or "250ms" (a bare number is seconds) (got "soon")`,
      `${path}:3:1: middleware.timeout.upstrem: unknown key; did you mean "upstream"?`,
      expect.stringContaining(`${path}:4:1: cache: caching is not in this version`),
    ]);
  });

  it('starts the gateway as it was told to', async () => {
    const path = file('gateway.toml', '');

    expect(await runCommand(['--config', path, '--log-level', 'warn', '--dev'], terminal, gateway)).toBeUndefined();
    expect(gateway.started).toEqual([{ config: expect.objectContaining({ name: path }), logLevel: 'warn', dev: true }]);
  });

  it.each([
    [
      Object.assign(new Error('listen EADDRINUSE 127.0.0.1:8080'), { code: 'EADDRINUSE' }),
      /^mcp-gateway: listen .*8080$/,
    ],
    [new TypeError('a bug'), /^mcp-gateway: TypeError: a bug\n +at /],
  ])('fails with what went wrong: %s', async (error, message) => {
    const failing: Gateway = {
      validateGateway: gateway.validateGateway,
      surveyTools: gateway.surveyTools,
      runGateway: async () => {
        throw error;
      },
    };

    expect(await runCommand(['--config', file('gateway.toml', '')], terminal, failing)).toBe(1);
    expect(terminal.errLines).toEqual([expect.stringMatching(message)]);
  });

  it('refuses to start with the same words', async () => {
    const path = file('gateway.toml', 'a = \n');

    expect(await runCommand(['--config', path], terminal, gateway)).toBe(1);
    expect(terminal.errLines).toEqual([`${path}:1:5: not TOML: "\\n" is not expected here`]);
  });

  it('says that a file is missing', async () => {
    expect(await runCommand(['--config', '/nowhere/gateway.toml'], terminal, gateway)).toBe(1);
    expect(terminal.errLines).toEqual(['/nowhere/gateway.toml: there is no such file']);
  });

  it('says where an mcpServers file is wrong', async () => {
    const path = file('mcp.json', '{"mcpServers": {"a": {"type": "carrier-pigeon"}}}');

    expect(await runCommand(['--mcp-json', path, '--validate'], terminal, gateway)).toBe(1);
    expect(terminal.errLines).toEqual([expect.stringContaining(`${path}:1:17: mcpServers.a: unknown type`)]);
  });

  it('answers a flag it does not know with exit code 2', async () => {
    expect(await runCommand(['--frobnicate'], terminal, gateway)).toBe(2);
    expect(terminal.errLines).toEqual(["mcp-gateway: Unknown option '--frobnicate'", 'Try: mcp-gateway --help']);
  });

  it('prints help, version and schema', async () => {
    expect(await runCommand(['--help'], terminal, gateway)).toBe(0);
    expect(await runCommand(['--version'], terminal, gateway)).toBe(0);
    expect(await runCommand(['schema'], terminal, gateway)).toBe(0);

    expect(terminal.outLines[0]).toContain('--mcp-json FILE');
    expect(terminal.outLines[1]).toMatch(/^mcp-gateway \d+\.\d+\.\d+ \(node v\d+/);
    expect(JSON.parse(terminal.outLines[2]!)).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
    });
  });
});

describe('generate', () => {
  it('writes what is stale and then finds nothing stale', () => {
    expect(staleFiles(directory)).toHaveLength(3);
    expect(generate(terminal, { root: directory, check: false })).toBe(0);

    expect(terminal.outLines).toEqual([
      'wrote config/gateway.schema.json',
      'wrote config/gateway.example.toml',
      'wrote docs/configuration.md',
    ]);
    expect(staleFiles(directory)).toEqual([]);
    expect(readFileSync(join(directory, 'config/gateway.example.toml'), 'utf8')).toContain('[middleware.timeout]');
  });

  it('--check names what is stale, and touches nothing', () => {
    generate(terminal, { root: directory, check: false });
    writeFileSync(join(directory, 'docs/configuration.md'), 'old');

    expect(generate(terminal, { root: directory, check: true })).toBe(1);
    expect(terminal.errLines).toEqual(['docs/configuration.md is stale; run: npm run generate']);
    expect(readFileSync(join(directory, 'docs/configuration.md'), 'utf8')).toBe('old');
  });
});
