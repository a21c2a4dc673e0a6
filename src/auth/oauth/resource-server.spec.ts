import { NEVER } from 'rxjs';

import type { ConfigService } from '../../config/index.js';
import { headersOf } from '../../core/errors.js';
import { principalOf } from '../../core/principal.js';
import { AuthSection } from '../auth.section.js';
import { ADMIN_DESTINATION } from '../credentials.js';
import { SecuritySection } from '../security.section.js';
import { checkAudiences } from './audience.check.js';
import { insufficientScope } from './insufficient-scope.js';
import { OAuthSection } from './oauth.section.js';
import { ResourceServer } from './resource-server.js';
import { Resources } from './resources.js';

const ISSUER = 'https://id.example';
const PUBLIC = 'https://gw.example/tools';

function sections(publicUrl: string | undefined, audience: string[] = []): readonly object[] {
  const auth = Object.assign(new AuthSection(), {
    jwt: Object.assign(new AuthSection().jwt, { issuers: [{ issuer: ISSUER, audience }] }),
    routes: { crm: { scopes: ['mcp:use'] } },
  });
  const oauth = Object.assign(new OAuthSection(), { authorizationServers: [ISSUER] });
  return [auth, oauth, Object.assign(new SecuritySection(), { publicUrl })];
}

/** @param publicUrl null where there is none */
function serverOf(publicUrl: string | null = PUBLIC, audience: string[] = []): ResourceServer {
  const known = new Map(sections(publicUrl ?? undefined, audience).map((section) => [section.constructor, section]));
  const config = { get: (section: never) => known.get(section), changes: NEVER } as unknown as ConfigService;
  return new ResourceServer(config, new Resources(config));
}

/** Whether a token is let in, by what it says it is for. */
function outcome(server: ResourceServer, aud: unknown, route = 'mcp', host = 'localhost:1'): string {
  const principal = principalOf({ method: 'jwt', issuer: ISSUER, subject: 'ann', claims: { aud } as never });
  try {
    return server.admit(principal, { route, headers: { host } }).subject;
  } catch (thrown) {
    return (thrown as { code: string }).code;
  }
}

describe('ResourceServer', () => {
  it('takes tokens for the route or the gateway, by the public URL, whatever the Host says', () => {
    const server = serverOf();
    for (const aud of [`${PUBLIC}/mcp`, `${PUBLIC}/sse`, PUBLIC, `${PUBLIC}/`, ['x', PUBLIC]]) {
      expect(outcome(server, aud)).toBe('ann');
    }
    const others = [
      `${PUBLIC}/mcp/`,
      `${PUBLIC}/mcp/crm`,
      `${PUBLIC}/MCP`,
      'https://gw.example',
      'http://localhost:1/mcp',
      '',
      null,
      {},
      [[PUBLIC]],
    ];
    for (const aud of others) expect([aud, outcome(server, aud)]).toEqual([aud, 'auth_invalid']);
  });

  it('is called as its clients call it where nobody said how', () => {
    const server = serverOf(null);
    expect(outcome(server, 'http://localhost:1/mcp')).toBe('ann');
    expect(outcome(server, `${PUBLIC}/mcp`)).toBe('auth_invalid');
  });

  it('takes no token of a route for the admin API, not even that of a group of the name', () => {
    const server = serverOf();
    expect(outcome(server, `${PUBLIC}/mcp/admin`, ADMIN_DESTINATION)).toBe('auth_invalid');
    expect(outcome(server, PUBLIC, ADMIN_DESTINATION)).toBe('ann');
  });

  it('leaves an issuer alone whose audience is configured', () => {
    expect(outcome(serverOf(PUBLIC, ['app']), 'app')).toBe('ann');
  });

  it('names all scopes that are needed, those of the route first, and where to ask for them', () => {
    const error = serverOf().completed(insufficientScope('crm', ['crm:write', 'mcp:use']), {
      route: 'crm',
      headers: undefined,
    });
    expect(headersOf(error)).toEqual({
      'www-authenticate': `Bearer error="insufficient_scope", scope="mcp:use crm:write", resource_metadata="${PUBLIC}/.well-known/oauth-protected-resource/mcp/crm"`,
    });
    expect(error.data).toMatchObject({ scopes: ['mcp:use', 'crm:write'] });
  });

  it('needs to know for whom tokens are', () => {
    const [auth, oauth] = sections(PUBLIC) as [AuthSection, OAuthSection, SecuritySection];
    expect(checkAudiences(auth, oauth)).toEqual([]);
    expect(checkAudiences(auth, new OAuthSection())).toMatchObject([{ key: 'security.auth.jwt.issuers[0].audience' }]);
  });
});
