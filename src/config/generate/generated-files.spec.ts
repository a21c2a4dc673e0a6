import { Ajv2020 } from 'ajv/dist/2020.js';
import { IsIn, IsInt, IsOptional, IsString, Matches, Max, Min } from 'class-validator';

import { Doc, IsDuration, Nested, NestedList, NestedMap, StringMap } from '../../extension/index.js';
import { readToml } from '../document/toml.format.js';
import { loadConfig } from '../load/load-config.js';
import { Section } from '../section.js';
import { TimeoutSection } from '../timeout.section.js';
import { generatedFiles } from './generated-files.js';
import { configSchema } from './schema.js';

class Inner {
  @Doc('Deep | deeper.') @IsInt() @Min(1) @Max(9) readonly depth: number = 3;
}
class Server {
  @Doc('Where.', { example: 'ws://localhost:3001' }) @IsOptional() @IsString() readonly url: string | undefined =
    undefined;
  @Doc('Headers.') @StringMap() readonly headers: Readonly<Record<string, string>> = {};
}
class Group {
  @Doc('How.') @IsIn(['one', 'two']) readonly strategy: string = 'one';
  @Doc('Servers.') @NestedList(() => Server) readonly servers: readonly Server[] = [];
}

@Section('server', { restart: true })
class ServerSection {
  @Doc('Address.') @Matches(/^[\d.]+$/) readonly host: string = '127.0.0.1';
  @Doc('Port.') @IsInt() @Min(0) @Max(65_535) readonly port: number = 8080;
  @Doc('Wait.') @IsDuration() readonly shutdownTimeout: number = 30_000;
  @Doc('Names.') @IsString({ each: true }) readonly allowedHosts: readonly string[] = ['a"b', 'c'];
  @Doc('Inner.') @Nested(() => Inner) readonly inner: Inner = new Inner();
  @Doc('Groups.') @NestedMap(() => Group, { names: /^[a-z]+$/ }) readonly groups: Readonly<Record<string, Group>> = {};
}

const SECTIONS = [ServerSection, TimeoutSection];
const FILES = generatedFiles(SECTIONS);
const EXAMPLE = FILES.get('config/gateway.example.toml')!;

function load(text: string): ServerSection {
  return loadConfig(readToml(text, 'f'), { sections: SECTIONS, environment: {} }).get(ServerSection);
}

describe('the generated example', () => {
  it('loads, and says what no file says', () => {
    expect(load(EXAMPLE)).toEqual(new ServerSection());
  });

  it('has every key, and still loads with all of them in force', () => {
    const all = EXAMPLE.replaceAll(/^#(?=\S)/gm, '').replaceAll('groups.NAME', 'groups.name');

    expect(load(all).groups['name']).toMatchObject({
      strategy: 'one',
      servers: [{ url: 'ws://localhost:3001', headers: { NAME: 'value' } }],
    });
  });

  it('writes times as people do and lists choices', () => {
    expect(EXAMPLE).toContain('shutdown_timeout = "30s"');
    expect(EXAMPLE).toContain('One of "one", "two".');
    expect(EXAMPLE).toContain('takes effect after a restart');
  });
});

describe('the generated schema', () => {
  const validate = new Ajv2020({ allowUnionTypes: true }).compile(configSchema(SECTIONS));

  it.each([
    ['', true],
    ['[server]\nport = 80\nshutdown_timeout = "30s"\nhost = "1.1"', true],
    ['[server]\nport = "${PORT}"\nhost = "${HOST:-x}"\nshutdown_timeout = 5', true],
    ['[server.groups.crm]\nstrategy = "two"\n[[server.groups.crm.servers]]\nheaders = { A = "b" }', true],
    ['[middleware.timeout]\nrequest = "250ms"', true],
    ['[server]\nport = 70000', false],
    ['[server]\nport = 1.5', false],
    ['[server]\nhost = "localhost"', false],
    ['[server]\nshutdown_timeout = "soon"', false],
    ['[server]\nallowed_hosts = [1]', false],
    ['[server]\nhots = "x"', false],
    ['[server.groups.CRM]', false],
    ['[server.groups.crm]\nstrategy = "three"', false],
    ['[servers]', false],
    ['[middleware.cors]', false],
  ])('says of %j: %s', (text, valid) => {
    const plain = JSON.parse(JSON.stringify(readToml(text, 'f').tree)) as unknown;

    expect(validate(plain)).toBe(valid);
  });

  it('accepts the example', () => {
    expect(validate(JSON.parse(JSON.stringify(readToml(EXAMPLE, 'f').tree)))).toBe(true);
  });
});

describe('the generated reference', () => {
  const reference = FILES.get('docs/configuration.md')!;

  it.each([
    '## `[server]`',
    'A change takes effect after a restart.',
    '| `port` | integer, 0 to 65535 | `8080` | Port. |',
    '| `shutdown_timeout` | time | `"30s"` | Wait. |',
    '### `[server.inner]`',
    String.raw`Deep \| deeper.`,
    '### `[[server.groups.NAME.servers]]`',
    '`MCP_GATEWAY_PORT` is `server.port`.',
    '## `[middleware.timeout]`',
  ])('has %s', (text) => {
    expect(reference).toContain(text);
  });
});

it('refuses to document a key that says nothing about itself', () => {
  @Section('silent')
  class Silent {
    readonly key: number = 1;
  }

  expect(() => generatedFiles([Silent])).toThrow('Silent.key lacks @Doc');
});
