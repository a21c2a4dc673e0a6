import { BalancingStrategy } from '../balancer/index.js';
import type { ConfigProblem } from '../config/index.js';
import { type Extensions, formatKey, type KeyPath } from '../extension/index.js';
import { checkAuth, checkIsolation, checkTls, type FromElsewhere } from './credentials/auth.check.js';
import { forwardProblem } from './credentials/forwarded-headers.js';
import { idOf, schemeOf } from './server-settings.js';
import type { GroupConfig, ServerConfig, UpstreamSection } from './upstream.section.js';
import { transportsOf } from './transport-choice.js';
import { problemOfSocketUrl } from './transports/unix/socket-path.js';
import { UpstreamTransport } from './upstream-transport.js';

const CHILD_SCHEME = 'stdio';
const ONLY_HTTP = 'only an http or https server has a choice of transports';
const SOCKET_SCHEME = 'unix';

/** RFC 9110, sections 5.1 and 5.5. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Headers that transports write themselves. */
const OWN_HEADERS = new Set([
  'accept',
  'connection',
  'content-length',
  'content-type',
  'host',
  'mcp-method',
  'mcp-name',
  'mcp-protocol-version',
  'mcp-session-id',
  'transfer-encoding',
  'upgrade',
]);

/** Those in which arguments are repeated. */
const MIRRORED = 'mcp-param-';

/** What is wrong with the groups of a configuration, beyond the shape of each value. */
export function checkUpstream(
  section: UpstreamSection,
  extensions: Extensions,
  fromElsewhere: FromElsewhere = () => false,
): ConfigProblem[] {
  return Object.entries(section.groups).flatMap(([name, group]) => [
    ...checkGroup(name, group, extensions),
    ...checkIsolation(['upstream', 'groups', name], group),
    ...group.servers.flatMap((server, index) => {
      const path = ['upstream', 'groups', name, 'servers', index];
      return [...checkAuth(path, server, fromElsewhere), ...checkTls(path, server), ...checkForwarded(path, server)];
    }),
  ]);
}

function checkForwarded(path: KeyPath, { url, forwardHeaders, headers }: ServerConfig): ConfigProblem[] {
  if (forwardHeaders.length === 0) return [];
  const place = formatKey([...path, 'forward_headers']);
  if (!['http', 'https'].includes(schemeOf({ url, command: undefined }) ?? '')) {
    return [{ key: place, message: 'only a server over http is sent headers with each request' }];
  }
  const configured = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  return forwardHeaders.flatMap((name, index) => {
    const problem = configured.has(name.toLowerCase()) ? 'stands in `headers` already' : forwardProblem(name);
    return problem === undefined ? [] : [{ key: `${place}[${index}]`, message: `${JSON.stringify(name)} ${problem}` }];
  });
}

function checkGroup(name: string, group: GroupConfig, extensions: Extensions): ConfigProblem[] {
  const key = `upstream.groups.${name}`;
  const problems: ConfigProblem[] = [];
  for (const { message } of extensions.check(BalancingStrategy, group.strategy)) {
    problems.push({ key: `${key}.strategy`, message });
  }
  if (group.servers.length === 0) problems.push({ key, message: 'a group needs at least one server' });
  const ids = new Set<string>();
  for (const [index, server] of group.servers.entries()) {
    const place = `${key}.servers[${index}]`;
    const id = idOf(server, name, index);
    if (ids.has(id)) problems.push({ key: `${place}.id`, message: `two servers of the group are called "${id}"` });
    ids.add(id);
    problems.push(...checkServer(place, server, extensions));
  }
  return problems;
}

function checkServer(key: string, server: ServerConfig, extensions: Extensions): ConfigProblem[] {
  const { url, command } = server;
  if (url === undefined && command === undefined) return [{ key, message: 'a server needs either `url` or `command`' }];
  if (url !== undefined && command !== undefined) {
    return [{ key, message: 'a server has either `url` or `command`, not both' }];
  }
  return url === undefined ? checkCommand(key, server) : checkUrl(key, server, extensions);
}

function checkCommand(key: string, { command, headers, transport }: ServerConfig): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (transport !== 'auto') problems.push({ key: `${key}.transport`, message: ONLY_HTTP });
  if (command === '') problems.push({ key: `${key}.command`, message: 'a command cannot be empty' });
  if (Object.keys(headers).length > 0) {
    problems.push({ key: `${key}.headers`, message: 'a command has no headers; use `env`' });
  }
  return problems;
}

function checkUrl(key: string, server: ServerConfig, extensions: Extensions): ConfigProblem[] {
  const problems = checkAddress(`${key}.url`, server, extensions);
  const names = problems.length > 0 ? [] : transportsOf(schemeOf(server) ?? '', extensions);
  if (names.length > 0 && server.transport !== 'auto' && !names.includes(server.transport)) {
    problems.push({ key: `${key}.transport`, message: ONLY_HTTP });
  }
  if (server.era === 'modern' && server.transport === 'sse') {
    problems.push({ key: `${key}.era`, message: 'HTTP+SSE is older than the modern era; use streamable_http' });
  }
  if (schemeOf(server) !== SOCKET_SCHEME) {
    problems.push(...checkHeaders(`${key}.headers`, server.headers));
  } else if (Object.keys(server.headers).length > 0) {
    problems.push({ key: `${key}.headers`, message: 'a socket has no headers' });
  }
  if (server.args.length > 0) problems.push({ key: `${key}.args`, message: 'only a command has arguments' });
  if (Object.keys(server.env).length > 0)
    problems.push({ key: `${key}.env`, message: 'only a command has an environment' });
  if (server.cwd !== undefined) problems.push({ key: `${key}.cwd`, message: 'only a command has a directory' });
  return problems;
}

function checkAddress(key: string, server: ServerConfig, extensions: Extensions): ConfigProblem[] {
  const { url = '' } = server;
  const scheme = schemeOf(server);
  if (scheme === undefined) return [{ key, message: 'not a URL' }];
  const schemes = extensions
    .names(UpstreamTransport)
    .flatMap((name) => extensions.traits(UpstreamTransport, name).schemes)
    .filter((known) => known !== CHILD_SCHEME);
  if (!schemes.includes(scheme)) {
    return [{ key, message: `unknown scheme "${scheme}"; known: ${[...new Set(schemes)].join(', ')}` }];
  }
  const socket = scheme === SOCKET_SCHEME ? problemOfSocketUrl(url) : undefined;
  if (socket !== undefined) return [{ key, message: socket }];
  const { username, password } = new URL(url);
  return username || password ? [{ key, message: 'credentials do not belong in a URL; use `headers`' }] : [];
}

/** Says nothing of a value: it may be a secret. */
function checkHeaders(key: string, headers: Readonly<Record<string, string>>): ConfigProblem[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    if (!HEADER_NAME.test(name)) return [{ key, message: `"${name}" is not the name of a header` }];
    const place = `${key}.${name}`;
    const small = name.toLowerCase();
    if (OWN_HEADERS.has(small) || small.startsWith(MIRRORED))
      return [{ key: place, message: 'the gateway sets this header itself' }];
    return HEADER_VALUE.test(value) ? [] : [{ key: place, message: 'a header cannot hold such characters' }];
  });
}
