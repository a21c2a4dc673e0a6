import { AuthSection } from '../auth/index.js';
import { exposureProblem } from './exposure.js';
import { isHostAllowed, isOriginAllowed, originRules } from './origin-guard.js';
import { SecuritySection } from '../auth/index.js';

function rules(host: string, security: Partial<SecuritySection> = {}) {
  return originRules({ host }, Object.assign(new SecuritySection(), security));
}

describe('the Host of a request', () => {
  const allowed = (given: ReturnType<typeof rules>, ...hosts: (string | undefined)[]) =>
    hosts.filter((host) => isHostAllowed(host, given));

  it('is a loopback name on a loopback address, with any port', () => {
    const names = ['localhost', 'LOCALHOST:1', '127.0.0.1:8080', '127.9.9.9', '[::1]', '[::1]:8080'];
    expect(allowed(rules('127.0.0.1'), ...names)).toEqual(names);
    expect(allowed(rules('::1'), ...names)).toEqual(names);
  });

  it('is nothing else there', () => {
    const strangers = [
      '',
      undefined,
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '0.0.0.0',
      'localhost:x',
    ];
    expect(allowed(rules('localhost'), ...strangers)).toEqual([]);
  });

  it('may be a configured one as well, with the port that was configured or any', () => {
    const given = rules('127.0.0.1', { allowedHosts: ['Gw.example', 'api.example:9000'] });
    expect(allowed(given, 'gw.example', 'gw.example:80', 'API.example:9000', 'api.example', 'x.gw.example')).toEqual([
      'gw.example',
      'gw.example:80',
      'API.example:9000',
    ]);
    expect(allowed(rules('0.0.0.0', { publicUrl: 'https://gw.example/mcp' }), 'gw.example', 'localhost')).toEqual([
      'gw.example',
    ]);
  });

  it('is anything on other addresses as long as nobody said otherwise', () => {
    expect(allowed(rules('0.0.0.0'), 'anything', undefined)).toEqual(['anything', undefined]);
  });
});

describe('the Origin of a request', () => {
  const host = 'localhost:8080';

  it('may be absent, listed to the letter, or the gateway’s own', () => {
    const given = rules('127.0.0.1', { allowedOrigins: ['https://app.example'] });
    const passes = (origin: string | undefined) =>
      isOriginAllowed(origin === undefined ? { host } : { host, origin }, given);
    expect(passes(undefined)).toBe(true);
    expect(passes('https://app.example')).toBe(true);
    expect(passes(`http://${host}`)).toBe(true);
    for (const origin of [
      '',
      'null',
      'https://app.example:443',
      'https://APP.example',
      'https://app.example.evil',
      'http://localhost',
    ]) {
      expect(passes(origin)).toBe(false);
    }
  });

  it('is not vouched for by a Host that nobody checked', () => {
    expect(isOriginAllowed({ host: 'evil.example', origin: 'http://evil.example' }, rules('0.0.0.0'))).toBe(false);
  });
});

describe('exposure', () => {
  const problem = (host: string, allowAnonymous = false, auth: Partial<AuthSection> = {}) =>
    exposureProblem({ host }, { allowAnonymous }, Object.assign(new AuthSection(), auth));

  it('is no problem on loopback, or where everybody is welcome', () => {
    for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '::1', '[::1]']) expect(problem(host)).toBeUndefined();
    expect(problem('0.0.0.0', true)).toBeUndefined();
  });

  it('is none anywhere where everybody has to say who they are', () => {
    expect(problem('0.0.0.0', false, { enabled: true })).toBeUndefined();
    expect(problem('0.0.0.0', false, { enabled: true, methods: ['jwt'] })).toBeUndefined();
    expect(problem('0.0.0.0', false, { enabled: true, methods: ['jwt', 'anonymous'] })).toMatch(/anonymous/);
    expect(
      problem('0.0.0.0', false, { enabled: true, routes: { crm: { methods: ['anonymous'], scopes: [] } } }),
    ).toMatch(/anon/);
  });

  it('is one anywhere else', () => {
    for (const host of ['0.0.0.0', '::', '192.168.1.2', 'gateway.example', '127.0.0.1.example', '']) {
      expect(problem(host)).toMatch(/allow_anonymous/);
    }
  });
});
