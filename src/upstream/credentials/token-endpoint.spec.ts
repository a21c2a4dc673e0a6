import { Logger } from '@nestjs/common';

import { ManualClock } from '../../../test/support/manual-clock.js';
import { OutboundFailure, type OutboundRequest, type OutboundResponse } from '../../outbound/index.js';
import type { OAuthSettings } from './oauth-settings.js';
import { TokenEndpoint } from './token-endpoint.js';

const SETTINGS: OAuthSettings = {
  tokenUrl: 'https://as.example/token',
  issuer: undefined,
  clientId: 'the gateway',
  clientSecret: 'a secret&more',
  scopes: [],
  audience: undefined,
  resource: undefined,
  grant: 'client_credentials',
  authStyle: 'basic',
  maxCallers: 10,
};
const TOKEN = { access_token: 'abc', token_type: 'Bearer', expires_in: 60 };

describe('TokenEndpoint', () => {
  const clock = new ManualClock();
  let asked: OutboundRequest[];
  let answers: Record<string, OutboundResponse | Error>;
  let warned: unknown[];

  beforeEach(() => {
    asked = [];
    answers = { 'https://as.example/token': json(200, TOKEN) };
    warned = [];
    vi.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
    vi.spyOn(Logger.prototype, 'warn').mockImplementation((line: unknown) => void warned.push(line));
  });

  afterEach(() => vi.restoreAllMocks());

  function json(status: number, body: unknown): OutboundResponse {
    return { status, headers: {}, body: Buffer.from(JSON.stringify(body)) };
  }

  function endpoint(changed: Partial<OAuthSettings> = {}): TokenEndpoint {
    const request = (each: OutboundRequest): Promise<OutboundResponse> => {
      asked.push(each);
      const answer = answers[each.url] ?? json(404, {});
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    };
    return new TokenEndpoint({ ...SETTINGS, ...changed }, 'crm/crm-1', { request }, clock);
  }

  it('shows who it is as a form would write it', async () => {
    await endpoint().own();
    const { authorization } = asked[0]?.headers ?? {};
    expect(atob(authorization?.slice('Basic '.length) ?? '')).toBe('the+gateway:a+secret%26more');
    expect(asked[0]?.body).toBe('grant_type=client_credentials');
    expect(asked[0]?.trusted).toBe(true);
  });

  it('is left alone for a while after it failed, and says so once, with no secret', async () => {
    const tokens = endpoint();
    answers['https://as.example/token'] = new OutboundFailure('timeout', new Error('a secret&more'));
    await expect(tokens.own()).rejects.toThrow('the token endpoint: there was no answer in time');
    await expect(tokens.exchange('theirs')).rejects.toThrow('the token endpoint');
    expect(asked).toHaveLength(1);
    expect(warned).toEqual([
      {
        msg: 'no token for a server',
        upstream_server: 'crm/crm-1',
        reason: 'the token endpoint: there was no answer in time',
      },
    ]);
    clock.advance(500);
    answers['https://as.example/token'] = json(200, TOKEN);
    await tokens.own();
  });

  it('is not left alone because the token of one caller is no good', async () => {
    const tokens = endpoint();
    answers['https://as.example/token'] = json(400, { error: 'invalid_grant' });
    await expect(tokens.exchange('bad')).rejects.toMatchObject({ isOfSubject: true });
    answers['https://as.example/token'] = json(200, TOKEN);
    await tokens.exchange('good');
    expect(warned).toEqual([]);
  });

  it.each(['invalid_scope', 'invalid_target', 'interaction_required'])(
    'cannot be had left alone by one caller of whose token it says %s',
    async (error) => {
      const tokens = endpoint();
      answers['https://as.example/token'] = json(400, { error });
      await expect(tokens.exchange('poor')).rejects.toMatchObject({ isOfSubject: true });
      answers['https://as.example/token'] = json(200, TOKEN);
      await expect(tokens.exchange('rich')).resolves.toBeDefined();
    },
  );

  it.each(['invalid_client', 'unauthorized_client', 'unsupported_grant_type'])(
    'is left alone when it will not have us: %s',
    async (error) => {
      answers['https://as.example/token'] = json(400, { error });
      await expect(endpoint().exchange('any')).rejects.toMatchObject({ isOfSubject: false });
    },
  );

  it('passes on no more of an error than its name', async () => {
    answers['https://as.example/token'] = json(400, { error: 'x'.repeat(200), error_description: 'inner words' });
    await expect(endpoint().own()).rejects.toThrow(/^the token endpoint answered 400$/);
  });

  const issuer = 'https://as.example/tenant';
  const wellKnown = 'https://as.example/.well-known/oauth-authorization-server/tenant';

  it('is found by the metadata of the issuer, and trusted on the same host', async () => {
    answers[wellKnown] = json(200, { issuer, token_endpoint: 'https://as.example/token' });
    const tokens = endpoint({ tokenUrl: undefined, issuer });
    await tokens.own();
    await tokens.own();
    expect(asked.map(({ url, trusted }) => [url, trusted])).toEqual([
      [wellKnown, true],
      ['https://as.example/token', true],
      ['https://as.example/token', true],
    ]);
  });

  it('is not trusted where the metadata name another host', async () => {
    answers[wellKnown] = json(200, { issuer, token_endpoint: 'https://169.254.169.254/token' });
    answers['https://169.254.169.254/token'] = new OutboundFailure('refused');
    await expect(endpoint({ tokenUrl: undefined, issuer }).own()).rejects.toThrow('not one that may be asked');
    expect(asked.at(-1)).toMatchObject({ url: 'https://169.254.169.254/token', trusted: false });
  });

  it('is looked for as OpenID Connect has it where there is nothing else', async () => {
    const url = 'https://as.example/tenant/.well-known/openid-configuration';
    answers[url] = json(200, { issuer, token_endpoint: 'https://as.example/token' });
    await endpoint({ tokenUrl: undefined, issuer }).own();
    expect(asked.map((each) => each.url)).toEqual([wellKnown, url, 'https://as.example/token']);
  });

  it('is not taken from the metadata of somebody else', async () => {
    answers[wellKnown] = json(200, { issuer: 'https://evil.example', token_endpoint: 'https://as.example/token' });
    await expect(endpoint({ tokenUrl: undefined, issuer }).own()).rejects.toThrow('of another issuer');
  });
});
