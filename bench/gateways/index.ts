import { DIRECT } from './direct.ts';
import type { GatewayAdapter } from './gateway.ts';
import type { GatewaySettings } from './gateway-config.ts';
import { HAPROXY } from './haproxy.ts';
import { mcpGateway } from './mcp-gateway.ts';
import { NGINX } from './nginx.ts';
import { MCP_PROXY, SUPERGATEWAY } from './npm-gateway.ts';
import { PARSE_RELAY, SDK_PROXY } from './own-relay.ts';

const OTHERS = [DIRECT, NGINX, HAPROXY, PARSE_RELAY, SDK_PROXY, MCP_PROXY, SUPERGATEWAY] as const;

/** Everything that can stand between the generator and the echo server, ours last. */
export function gateways(settings: GatewaySettings): readonly GatewayAdapter[] {
  return [
    ...OTHERS,
    mcpGateway(settings, { name: 'mcp-gateway without TLS', isPlain: true }),
    mcpGateway(settings, { name: 'one worker', workers: 1 }),
    mcpGateway(settings),
  ];
}
