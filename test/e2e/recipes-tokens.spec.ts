import { generateKeyPairSync } from 'node:crypto';

import { recipe } from '../support/doc-blocks.ts';
import { DocPlace } from '../support/doc-place.ts';
import type { RunningGateway } from '../support/gateway.ts';
import { JwksServer, signed, signingKey } from '../support/jwks-server.ts';
import { startRecipe, toolsOf } from '../support/lived-recipe.ts';

const ALL = ['add', 'count_down', 'echo', 'get_time', 'server_info'];
const RESOURCE = 'https://gateway.example.com:8080/mcp';
const TENANT = '11111111-2222-3333-4444-555555555555';
const KEY = signingKey('k1');

type Claims = Record<string, unknown>;

/** What tokens of a provider look like, for somebody who may read and for one who may do all. */
interface Provider {
  readonly heading: string;
  readonly reader: Claims;
  readonly admin: Claims;
  /** Who is asking, as the gateway calls them. */
  readonly subject: string;
  /** Members of its tokens for something else, or of another edition, which must not be taken. */
  readonly strange: readonly Claims[];
  /** The keys as the provider publishes them. */
  readonly published: (jwk: object) => object[];
}

const KEYCLOAK: Claims = {
  iss: 'https://id.example.com/realms/main',
  aud: [RESOURCE, 'account'],
  sub: '5b1a8e8c-7f0f-4c8e-9d5f-0d0f4f6f2a11',
  typ: 'Bearer',
  azp: 'claude',
  sid: 'c1b3',
  acr: '1',
  'allowed-origins': ['https://app.example.com'],
  resource_access: { account: { roles: ['manage-account', 'view-profile'] } },
  scope: 'openid profile email',
  email_verified: true,
  preferred_username: 'ann',
};

const ENTRA: Claims = {
  iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
  aud: '66666666-7777-8888-9999-000000000000',
  aio: 'AXQAi/8TAAAA',
  azp: '99999999-8888-7777-6666-555555555555',
  azpacr: '0',
  name: 'Ann',
  oid: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
  preferred_username: 'ann@example.com',
  rh: '0.AAAA',
  scp: 'mcp.use',
  sub: 'pairwise-of-one-app',
  tid: TENANT,
  uti: 'u',
  ver: '2.0',
};

const AUTH0: Claims = {
  iss: 'https://example.eu.auth0.com/',
  sub: 'auth0|507f1f77bcf86cd799439020',
  aud: [RESOURCE, 'https://example.eu.auth0.com/userinfo'],
  scope: 'openid profile mcp:read',
  azp: 'client',
};

const PROVIDERS: readonly Provider[] = [
  {
    heading: 'Keycloak',
    reader: { ...KEYCLOAK, realm_access: { roles: ['default-roles-main', 'offline_access', 'mcp-reader'] } },
    admin: { ...KEYCLOAK, realm_access: { roles: ['default-roles-main', 'mcp-admin'] } },
    subject: '5b1a8e8c-7f0f-4c8e-9d5f-0d0f4f6f2a11',
    strange: [{ aud: 'account' }, { iss: 'https://id.example.com/realms/main/' }, { sub: undefined }],
    // Keycloak publishes a key for encryption beside that for signatures.
    published: (jwk) => [encryptionKey(), jwk],
  },
  {
    heading: 'Microsoft Entra ID',
    reader: { ...ENTRA, roles: ['mcp-reader'] },
    admin: { ...ENTRA, roles: ['mcp-admin'], scp: undefined, idtyp: 'app' },
    subject: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
    strange: [
      { iss: `https://sts.windows.net/${TENANT}/`, ver: '1.0' },
      { aud: 'api://66666666-7777-8888-9999-000000000000' },
      { iss: 'https://login.microsoftonline.com/99999999-2222-3333-4444-555555555555/v2.0' },
    ],
    // Microsoft does not say the algorithm of its keys.
    published: (jwk) => [{ ...jwk, alg: undefined, x5t: 'k1', issuer: ENTRA['iss'] }],
  },
  {
    heading: 'Auth0',
    reader: { ...AUTH0, permissions: ['mcp:read'] },
    admin: { ...AUTH0, permissions: ['mcp:admin', 'mcp:read'] },
    subject: 'auth0|507f1f77bcf86cd799439020',
    strange: [{ iss: 'https://example.eu.auth0.com' }, { aud: 'https://example.eu.auth0.com/userinfo' }],
    published: (jwk) => [jwk],
  },
];

function encryptionKey(): object {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  return { ...publicKey.export({ format: 'jwk' }), kid: 'k2', use: 'enc', alg: 'RSA-OAEP' };
}

/** Good for a day, as the tokens of Auth0 are. */
async function tokenOf(claims: Claims): Promise<Record<string, string>> {
  const iat = Math.floor(Date.now() / 1_000);
  const token = await signed(KEY, { ...claims, iat, nbf: iat, exp: iat + 86_400 }, { typ: 'JWT' });
  return { authorization: `Bearer ${token}` };
}

let place: DocPlace;
const gateways = new Map<string, RunningGateway>();
const servers: JwksServer[] = [];

async function start({ heading, published }: Provider): Promise<void> {
  const jwks = await JwksServer.start(KEY);
  servers.push(jwks);
  jwks.answer = { status: 200, body: JSON.stringify({ keys: published(jwks.jwks().keys[0]!) }) };
  const local = (text: string): string => text.replace(/^jwks_url = .*$/m, `jwks_url = "${jwks.url}"`);
  gateways.set(heading, await startRecipe(recipe(heading), place, local));
}

beforeAll(async () => {
  place = await DocPlace.create();
  await Promise.all(PROVIDERS.map(start));
});

afterAll(async () => {
  await Promise.all([...gateways.values()].map((gateway) => gateway.stop()));
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  place[Symbol.dispose]();
});

describe.each(PROVIDERS)('the recipe for $heading', ({ heading, reader, admin, subject, strange }) => {
  const ask = async (claims: Claims): ReturnType<typeof toolsOf> =>
    toolsOf(gateways.get(heading)!, place, { headers: await tokenOf(claims) });

  it('shows readers what they may read', async () => {
    expect(await ask(reader)).toMatchObject({ status: 200, tools: ['get_time'] });
  });

  it('shows admins everything', async () => {
    expect(await ask(admin)).toMatchObject({ status: 200, tools: ALL });
  });

  it('shows nothing to somebody without a role', async () => {
    const roles = { roles: undefined, permissions: undefined, realm_access: undefined };
    expect(await ask({ ...reader, ...roles })).toMatchObject({ status: 200, tools: [] });
  });

  it('calls people by what does not change', async () => {
    await ask(reader);
    expect(gateways.get(heading)!.line('authenticated')).toMatchObject({ auth_method: 'jwt', subject });
  });

  it.each(strange)('refuses %o', async (other) => {
    expect((await ask({ ...reader, ...other })).status).toBe(401);
  });

  it('lets nobody in without a token', async () => {
    expect((await toolsOf(gateways.get(heading)!, place)).status).toBe(401);
  });
});
