import { spawnSync } from 'node:child_process';

import { connect } from '../support/clients.ts';
import { EPHEMERAL, startGateway } from '../support/gateway.ts';
import { raw, requestOf } from '../support/raw-request.ts';
import { until } from '../support/until.ts';
import { statusesOf } from '../hostile/support/target.ts';

const HAS_PRLIMIT = spawnSync('prlimit', ['--version']).status === 0;

describe('what is refused to start', { concurrent: true }, () => {
  const KEYS = '[security.auth]\nenabled = true\n';
  const ISSUER = '[[security.auth.jwt.issuers]]\nissuer = "https://issuer.example"\n';

  it.each([
    [
      '1, 5: on other addresses without authentication',
      '[server]\nhost = "0.0.0.0"\n',
      /can be reached from other machines/,
    ],
    ['1, 5: on all of IPv6', '[server]\nhost = "::"\n', /can be reached from other machines/],
    ['5: with a short secret', `${KEYS}jwt_secret = "short"\n`, /jwt_secret/],
    [
      '5: with a secret that everybody knows',
      `${KEYS}jwt_secret = "your-secret-key-change-in-production"\n`,
      /jwt_secret/,
    ],
    ['6: with an issuer and no audience', `${KEYS}${ISSUER}jwks_url = "https://issuer.example/keys"\n`, /audience/],
    [
      '6: with keys over plain http',
      `${KEYS}${ISSUER}audience = ["a"]\njwks_url = "http://issuer.example/keys"\n`,
      /jwks_url/,
    ],
    ['33: with an older TLS', '[server.tls]\nmin_version = "1.1"\n', /min_version/],
  ])('%s', async (_, toml, why) => {
    const started = startGateway(
      toml.includes('[server]') ? `${toml}port = 0\n[metrics]\nport = 0\n` : EPHEMERAL + toml,
    );
    await expect(started).rejects.toThrow(why);
  });
});

describe('a gateway that others can reach, and that asks nobody', () => {
  it('9: has no admin API there, and tells probes nothing more', async () => {
    const toml = '[server]\nhost = "0.0.0.0"\nport = 0\n[security]\nallow_anonymous = true\n[metrics]\nport = 0\n';
    const gateway = await startGateway(toml);
    const origin = `http://127.0.0.1:${new URL(gateway.url).port}`;
    expect(gateway.line('listening')).not.toHaveProperty('admin');
    for (const path of ['status', 'config', 'connections', 'openapi.json']) {
      expect([401, 403, 404]).toContain((await fetch(`${origin}/api/v1/${path}`)).status);
    }
    expect(new URL(gateway.metricsUrl).hostname).toBe('127.0.0.1');
    await gateway.stop();
  });
});

describe('a process', { concurrent: false }, () => {
  const SLOW = { name: 'count_down', arguments: { from: 5, interval_ms: 100 } };

  it('14: looks each second for who takes too long, on every port', async () => {
    const gateway = await startGateway(
      '[server]\nport = 0\nheaders_timeout = "1s"\nrequest_timeout = "2s"\n[metrics]\nport = 0\n[admin]\nport = 0\n',
    );
    const began = performance.now();
    const ports = [gateway.url, gateway.adminUrl, gateway.metricsUrl].map((url) => Number(new URL(url).port));
    expect(new Set(ports).size).toBe(3);
    const answers = await Promise.all(ports.map((each) => raw(each, 'GET / HTTP/1.1\r\nHost: localhost\r\n', 8_000)));
    expect(answers.map(({ closed }) => closed)).toEqual([true, true, true]);
    expect(performance.now() - began).toBeLessThan(6_000);
    const [, , metrics = 0] = ports;
    expect(statusesOf((await raw(metrics, requestOf(`GET /metrics?${'q'.repeat(9_000)}`))).text)).toEqual([414]);
    await gateway.stop();
  });

  it.runIf(HAS_PRLIMIT)('15: takes no more connections than there are files for, and says so', async () => {
    const gateway = await startGateway(EPHEMERAL, { under: ['prlimit', '--nofile=700:700'] });
    const warned = gateway.lines.find(({ level }) => level === 'warn');
    expect(warned?.msg).toContain('it takes 350');
    await gateway.stop();
  });

  it('38: lets what is in flight finish when something is thrown that nobody caught, and ends with 1', async () => {
    const fault = 'process.on("SIGUSR2",()=>void(Promise.reject(new Error("a-fault"))))';
    const gateway = await startGateway(
      `${EPHEMERAL}[[upstream.groups.default.servers]]\ncommand = "node"\nargs = ["examples/basic/src/server.ts"]\n`,
      { env: { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(fault)}` } },
    );
    await gateway.ready();
    const client = await connect(gateway, 'websocket');
    const begun = Promise.withResolvers<void>();
    const call = client.callTool(SLOW, undefined, { onprogress: () => begun.resolve() });
    await begun.promise;
    gateway.process.kill('SIGUSR2');
    expect((await call).isError).not.toBe(true);
    await until(() => gateway.process.exitCode !== null, 'the end of the process');
    expect(gateway.process.exitCode).toBe(1);
    expect(gateway.line('unhandledRejection')).toMatchObject({ level: 'fatal' });
    await gateway.stop();
  });
});
