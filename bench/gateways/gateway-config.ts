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
[metrics]
enabled = ${isGuarded}
port = 0
[logging]
level = "${isGuarded ? 'info' : 'warn'}"
structured = true
${place.upstreams.map((server, at) => groupOf(server, at, scenario.upstream)).join('')}
${isGuarded ? GUARDS : ''}`;
}

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
