import type { ConfigProblem } from '../../config/index.js';
import { isLoopbackHost } from '../../core/loopback.js';
import { formatKey, type KeyPath } from '../../extension/index.js';
import type { GroupConfig, ServerConfig } from '../upstream.section.js';
import { type OAuthConfig, type ServerAuthConfig, usesBasic, usesOAuth } from './auth.config.js';
import { tlsProblems } from './tls-settings.js';

/** Whether the text at this place came from elsewhere, all of it. */
export type FromElsewhere = (path: KeyPath, text: string) => boolean;

const SECRETS_STAND_ELSEWHERE = 'a secret does not stand in the file: write ${NAME} or ${file:/path}, and nothing else';

/** What is wrong with how a server is shown who asks. Says nothing of any value: it may be a secret. */
export function checkAuth(path: KeyPath, server: ServerConfig, fromElsewhere: FromElsewhere): ConfigProblem[] {
  const { auth, headers } = server;
  const at = (...rest: string[]): KeyPath => [...path, 'auth', ...rest];
  const problem = (where: KeyPath, message: string): ConfigProblem => ({ key: formatKey(where), message });
  const used = waysOf(auth);
  if (used.length === 0) return [];
  if (used.length > 1) return [problem(at(), `one of bearer, basic and oauth, not ${used.join(' and ')}`)];
  const scheme = schemeIn(server.url);
  if (!['http', 'https', 'ws', 'wss'].includes(scheme)) {
    return [problem(at(), 'only a server over http or ws is shown credentials; use `env` for a command')];
  }
  const problems = secretsOf(auth).flatMap(([where, text]) =>
    text === undefined || fromElsewhere(at(...where), text) ? [] : [problem(at(...where), SECRETS_STAND_ELSEWHERE)],
  );
  if (Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')) {
    problems.push(problem([...path, 'headers'], 'either a header Authorization or `auth`, not both'));
  }
  if (auth.bearer !== undefined && !/^[\x21-\x7e]+$/.test(auth.bearer)) {
    problems.push(problem(at('bearer'), 'a token has no spaces and no other than visible characters'));
  }
  if (usesBasic(auth.basic)) problems.push(...missing(at('basic'), auth.basic, ['username', 'password']));
  if (usesOAuth(auth.oauth)) problems.push(...checkOAuth(at('oauth'), auth.oauth, server));
  return problems;
}

/** What is wrong with how a server is spoken to over TLS. */
export function checkTls(path: KeyPath, { tls, url }: ServerConfig): ConfigProblem[] {
  const { caFile, certFile, keyFile, serverName, minVersion } = tls;
  const isUsed = [caFile, certFile, keyFile, serverName].some((value) => value !== undefined) || minVersion !== '1.2';
  if (!isUsed) return [];
  if (!['https', 'wss'].includes(schemeIn(url))) {
    return [{ key: formatKey([...path, 'tls']), message: 'only a server over https or wss is spoken to over TLS' }];
  }
  return tlsProblems(tls).map(({ key, message }) => ({ key: formatKey([...path, 'tls', key]), message }));
}

/** A group of which each caller has a token of its own shares nothing between callers. */
export function checkIsolation(path: KeyPath, { isolation, servers }: GroupConfig): ConfigProblem[] {
  const exchanging = servers.filter(({ auth }) => auth.oauth.grant === 'token_exchange').length;
  if (exchanging === 0) return [];
  if (exchanging < servers.length) {
    return [{ key: formatKey(path), message: 'either all servers of a group exchange tokens, or none' }];
  }
  if (isolation === 'auto' || isolation === 'principal') return [];
  const key = formatKey([...path, 'isolation']);
  return [{ key, message: 'where tokens are exchanged, sessions are kept by principal: say principal, or nothing' }];
}

function checkOAuth(path: KeyPath, oauth: OAuthConfig, { url, era }: ServerConfig): ConfigProblem[] {
  const problems = missing(path, oauth, ['clientId', 'clientSecret']);
  const { tokenUrl, issuer, grant } = oauth;
  if ((tokenUrl === undefined) === (issuer === undefined)) {
    problems.push({ key: formatKey(path), message: 'either `token_url` or `issuer`' });
  }
  if (tokenUrl !== undefined && !isSafe(tokenUrl)) problems.push(unsafe([...path, 'token_url']));
  if (issuer !== undefined && !isSafe(issuer)) problems.push(unsafe([...path, 'issuer']));
  const isWebSocket = ['ws', 'wss'].includes(schemeIn(url));
  if (grant === 'token_exchange' && isWebSocket && era !== 'legacy') {
    const message = 'over WebSocket a token is that of a connection: say era = "legacy", where each caller has one';
    problems.push({ key: formatKey([...path, 'grant']), message });
  }
  return problems;
}

function waysOf({ bearer, basic, oauth }: ServerAuthConfig): string[] {
  return [
    ...(bearer === undefined ? [] : ['bearer']),
    ...(usesBasic(basic) ? ['basic'] : []),
    ...(usesOAuth(oauth) ? ['oauth'] : []),
  ];
}

function secretsOf({ bearer, basic, oauth }: ServerAuthConfig): [where: string[], text: string | undefined][] {
  return [
    [['bearer'], bearer],
    [['basic', 'password'], basic.password],
    [['oauth', 'client_secret'], oauth.clientSecret],
  ];
}

function missing<T extends object>(
  path: KeyPath,
  table: T,
  properties: readonly (keyof T & string)[],
): ConfigProblem[] {
  return properties
    .filter((property) => table[property] === undefined || table[property] === '')
    .map((property) => ({ key: formatKey([...path, snake(property)]), message: 'is required' }));
}

function snake(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A secret goes there: encrypted, or to this very machine. */
function isSafe(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, host, username, password, hash } = new URL(text);
  if (username !== '' || password !== '' || hash !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(host));
}

function unsafe(path: KeyPath): ConfigProblem {
  return { key: formatKey(path), message: 'must be an https URL without credentials (http on this machine only)' };
}

function schemeIn(url: string | undefined): string {
  return url !== undefined && URL.canParse(url) ? new URL(url).protocol.slice(0, -1) : '';
}
