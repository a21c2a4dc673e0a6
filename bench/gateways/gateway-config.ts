import { GUARDS } from '../guards.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { Upstream } from '../upstream.ts';
import type { EchoServer, Place } from './gateway.ts';

/** How the gateway is set up, whatever the scenario. */
export interface GatewaySettings {
  /** Its program. */
  readonly bin: string;
  /** Whether everybody is authenticated, judged by a policy, counted by limits and metrics, and logged. */
  readonly isGuarded: boolean;
  readonly workers?: number | undefined;
  readonly certificate?: { readonly certFile: string; readonly keyFile: string } | undefined;
}

/** Path of the unix socket that clients use. */
export function socketPath({ directory }: Place): string {
  return `${directory}/gateway.sock`;
}

/** The configuration of the gateway in a scenario. What does not stand here has its default. */
export function gatewayConfig(port: number, scenario: Scenario, place: Place, settings: GatewaySettings): string {
  const { isGuarded, workers, certificate } = settings;
  return `
[server]
host = "127.0.0.1"
port = ${port}
max_connections = 11_000
${workers === undefined ? '' : `workers = ${workers}`}
${scenario.downstream.transport === 'unix' ? `unix_socket = "${socketPath(place)}"` : ''}
${certificate ? `[server.tls]\ncert_file = "${certificate.certFile}"\nkey_file = "${certificate.keyFile}"` : ''}
[session]
max_sessions = 11_000
max_sessions_per_principal = 11_000
[metrics]
enabled = ${isGuarded}
port = 0
[logging]
level = "${isGuarded ? 'info' : 'warn'}"
structured = true
${place.upstreams.map((server, at) => groupOf(server, at, scenario.upstream)).join('')}
${isGuarded ? GUARDS : ''}
${isGuarded && scenario.downstream.transport === 'unix' ? SOCKET_RULE : ''}`;
}

/** Over a unix socket nobody shows a key: the permissions of its file say who may come. */
const SOCKET_RULE = `
[[security.policy.rules]]
name = "whoever may open the socket calls what echoes"
tools = ["echo*"]
`;

function groupOf(server: EchoServer, at: number, { transport, era }: Scenario['upstream']): string {
  const [command, ...args] = transport === 'stdio' ? Upstream.command() : [];
  return `
[[upstream.groups.${at === 0 ? 'default' : `g${at}`}.servers]]
id = "only"
era = "${era}"
${command === undefined ? '' : `command = "${command}"\nargs = ${JSON.stringify(args)}`}
${transport === 'stdio' ? '' : `url = "${server.url(transport)}"`}
`;
}
