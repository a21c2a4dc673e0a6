import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Logger } from '@nestjs/common';

import { Authority } from '../../../test/support/certificates.js';
import { UpstreamBench } from '../../../test/support/upstream-bench.js';
import { ConfigService, openConfig, redactedConfig, TextSource } from '../../config/index.js';
import { Events } from '../../core/events.js';
import { Extensions } from '../../extension/index.js';
import { UpstreamModule } from '../upstream.module.js';
import { UpstreamSection } from '../upstream.section.js';

const ENVIRONMENT = { TOKEN: 'the-token', PASSWORD: 'the-password', SECRET: 'the-secret' };
const OAUTH = 'token_url = "https://as.example/token", client_id = "us", client_secret = "${SECRET}"';

describe('how servers are shown who asks', () => {
  let bench: UpstreamBench;
  let extensions: Extensions;
  let authority: Authority;
  let directory: string;
  let warnings: string[];

  beforeAll(async () => {
    bench = await UpstreamBench.create();
    extensions = bench.extensions;
    authority = Authority.create();
    directory = mkdtempSync(join(tmpdir(), 'auth-check-'));
    writeFileSync(join(directory, 'junk.pem'), 'junk');
  });

  beforeEach(() => {
    warnings = [];
    vi.spyOn(Logger.prototype, 'warn').mockImplementation((line: unknown) => void warnings.push(String(line)));
  });

  afterEach(() => vi.restoreAllMocks());

  afterAll(async () => {
    await bench.close();
    authority.dispose();
    rmSync(directory, { recursive: true });
  });

  async function opened(server: string, group = ''): Promise<ConfigService> {
    const source = new TextSource(`[upstream.groups.crm]\n${group}\n[[upstream.groups.crm.servers]]\n${server}\n`);
    const config = await openConfig({ source, sections: [UpstreamSection], environment: ENVIRONMENT });
    const service = new ConfigService(config, new Events());
    void new UpstreamModule(service, extensions);
    return service;
  }

  async function problems(server: string, group?: string): Promise<string[]> {
    const found = await (await opened(server, group)).verify();
    return found.map(({ key, message }) => `${key.replace('upstream.groups.crm', '')}: ${message}`);
  }

  const HTTPS = 'url = "https://a.example/mcp"\n';

  it.each([
    `auth = { bearer = "\${TOKEN}" }`,
    `auth = { basic = { username = "me", password = "\${PASSWORD}" } }`,
    `auth = { oauth = { ${OAUTH} } }`,
    `auth = { oauth = { ${OAUTH}, grant = "token_exchange" } }`,
    `auth = { oauth = { issuer = "http://localhost:9000", client_id = "us", client_secret = "\${SECRET}" } }`,
    `forward_headers = ["X-Request-Id", "traceparent", "tracestate", "x-tenant"]`,
  ])('may be %s', async (keys) => {
    expect(await problems(HTTPS + keys)).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it.each([
    ['auth = { bearer = "literal-token" }', '.servers[0].auth.bearer: a secret does not stand in the file'],
    ['auth = { bearer = "${NONE:-literal-token}" }', '.servers[0].auth.bearer: a secret does not stand in the file'],
    ['auth = { bearer = "x${TOKEN}" }', '.servers[0].auth.bearer: a secret does not stand in the file'],
    ['auth = { basic = { username = "me", password = "literal" } }', '.servers[0].auth.basic.password: a secret'],
    ['auth = { basic = { username = "me" } }', '.servers[0].auth.basic.password: is required'],
    [`auth = { oauth = { ${OAUTH.replace('${SECRET}', 'literal')} } }`, '.auth.oauth.client_secret: a secret'],
    [`auth = { oauth = { ${OAUTH}, issuer = "https://as.example" } }`, '.auth.oauth: either `token_url` or `issuer`'],
    ['auth = { oauth = { client_id = "us" } }', '.auth.oauth.client_secret: is required'],
    [`auth = { oauth = { ${OAUTH.replace('https', 'http')} } }`, '.auth.oauth.token_url: must be an https URL'],
    [
      `auth = { bearer = "\${TOKEN}", oauth = { ${OAUTH} } }`,
      '.auth: one of bearer, basic and oauth, not bearer and oauth',
    ],
    [
      'auth = { bearer = "${TOKEN}" }\nheaders = { AUTHORIZATION = "${TOKEN}" }',
      '.headers: either a header Authorization',
    ],
    ['tls = { cert_file = "/none" }', '.tls.cert_file: the file cannot be read (ENOENT)'],
    ['forward_headers = ["no header"]', '.forward_headers[0]: "no header" is not the name of a header'],
    ['forward_headers = ["x-a"]\nheaders = { X-A = "1" }', '.forward_headers[0]: "x-a" stands in `headers` already'],
  ])('may not be %s', async (keys, problem) => {
    const found = await problems(HTTPS + keys);
    expect(found.join('\n')).toContain(problem);
    expect(found.join('\n')).not.toMatch(/literal/);
  });

  it.each(
    'authorization Cookie host connection te proxy-authorization mcp-session-id Mcp-Param-x content-type x-api-key x-forwarded-for transfer-encoding'.split(
      ' ',
    ),
  )('is never handed on: %s', async (name) => {
    expect(await problems(`${HTTPS}forward_headers = ["${name}"]`)).toEqual([
      `.servers[0].forward_headers[0]: "${name}" is a header that is never handed on`,
    ]);
  });

  it.each(['url = "ws://127.0.0.1/"', 'url = "unix:///run/a.sock"', 'command = "cat"'])(
    'takes no headers with each request over %s',
    async (address) => {
      const found = await problems(`${address}\nforward_headers = ["x-a"]`);
      expect(found).toContain('.servers[0].forward_headers: only a server over http is sent headers with each request');
    },
  );

  it.each(['url = "unix:///run/a.sock"', 'command = "cat"'])('has no credentials over %s', async (address) => {
    const found = await problems(`${address}\nauth = { bearer = "\${TOKEN}" }`);
    expect(found).toContain(
      '.servers[0].auth: only a server over http or ws is shown credentials; use `env` for a command',
    );
  });

  it('has no certificates where nothing is encrypted', async () => {
    expect(await problems('url = "http://127.0.0.1/"\ntls = { server_name = "a" }')).toEqual([
      '.servers[0].tls: only a server over https or wss is spoken to over TLS',
    ]);
  });

  it('has certificates that are some', async () => {
    const [one, other] = [authority.client('one'), authority.client('other')];
    const junk = join(directory, 'junk.pem');
    const tls = (keys: string) => problems(`${HTTPS}tls = { ${keys} }`);
    expect(
      await tls(`ca_file = "${authority.certFile}", cert_file = "${one.certFile}", key_file = "${one.keyFile}"`),
    ).toEqual([]);
    expect(await tls(`ca_file = "${junk}"`)).toEqual(['.servers[0].tls.ca_file: holds no certificate (PEM)']);
    expect(await tls(`cert_file = "${one.certFile}"`)).toEqual([
      '.servers[0].tls.key_file: a certificate needs its key',
    ]);
    expect(await tls(`cert_file = "${one.certFile}", key_file = "${other.keyFile}"`)).toEqual([
      '.servers[0].tls.key_file: holds no private key (PEM) of that certificate',
    ]);
  });

  it.each(['shared', 'session'])(
    'keeps sessions by principal where tokens are exchanged, not %s',
    async (isolation) => {
      const found = await problems(
        `${HTTPS}auth = { oauth = { ${OAUTH}, grant = "token_exchange" } }`,
        `isolation = "${isolation}"`,
      );
      expect(found.join()).toContain('.isolation: where tokens are exchanged, sessions are kept by principal');
    },
  );

  it('exchanges tokens for connections only where each caller has one', async () => {
    const auth = `auth = { oauth = { ${OAUTH}, grant = "token_exchange" } }`;
    expect((await problems(`url = "wss://a.example/"\n${auth}`)).join()).toContain('say era = "legacy"');
    expect(await problems(`url = "wss://a.example/"\nera = "legacy"\n${auth}`)).toEqual([]);
  });

  it('only warns of credentials that are written out as headers, once, without saying them', async () => {
    const config = await opened(
      `${HTTPS}headers = { Authorization = "Bearer literal", X-Api-Key = "\${TOKEN}", X-Other = "1" }`,
    );
    expect(await config.verify()).toEqual([]);
    await config.verify();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^upstream\.groups\.crm\.servers\[0\]\.headers\.Authorization is written out/);
    expect(warnings[0]).not.toContain('literal');
  });

  it('is never printed', async () => {
    const keys = [
      'auth = { bearer = "${TOKEN}" }',
      'auth = { basic = { username = "me", password = "${PASSWORD}" } }',
      `auth = { oauth = { ${OAUTH} } }`,
    ];
    const shown = await Promise.all(
      keys.map(async (each) => JSON.stringify(redactedConfig((await opened(HTTPS + each)).snapshot))),
    );
    expect(shown.join()).not.toMatch(/the-token|the-password|the-secret/);
    expect(shown[0]).toContain('"bearer":"***"');
    expect(shown[1]).toContain('"password":"***"');
    expect(shown[2]).toContain('"client_secret":"***"');
  });
});
