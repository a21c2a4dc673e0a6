import type { Leg, Scenario } from './scenario.ts';

const TRANSPORTS = { ws: 'WebSocket', http: 'HTTP', unix: 'unix socket', stdio: 'stdio' } as const;

function leg(transport: Leg['transport'], era: Leg['era'] = 'legacy'): Leg {
  return { transport, era };
}

function between(downstream: Leg, upstream: Leg): Scenario {
  const nameOf = ({ transport, era }: Leg) => (era === 'legacy' ? transport : `${transport}-modern`);
  const titleOf = ({ transport, era }: Leg) =>
    `${TRANSPORTS[transport]} ${era === 'legacy' ? '2025-11-25' : '2026-07-28'}`;
  const isMcpProxys = downstream.transport === 'http' && upstream.transport === 'stdio';
  return {
    name: `${nameOf(downstream)}-to-${nameOf(upstream)}`,
    title: `${titleOf(downstream)} → ${titleOf(upstream)}, echo of 100 B, 32 × 1`,
    downstream,
    upstream,
    load: { connections: 32, depth: 1, shape: 'echo', size: 100 },
    against: isMcpProxys ? ['direct', 'mcp-proxy'] : ['direct'],
    goals: [],
  };
}

const MODERN = 'modern';

/** From every transport and era to every other that is not measured elsewhere: each at least once on either side. */
export const LEGS: readonly Scenario[] = [
  between(leg('ws', MODERN), leg('ws', MODERN)),
  between(leg('ws'), leg('ws', MODERN)),
  between(leg('ws', MODERN), leg('ws')),
  between(leg('http', MODERN), leg('http', MODERN)),
  between(leg('http'), leg('http', MODERN)),
  between(leg('http', MODERN), leg('http')),
  between(leg('ws'), leg('http')),
  between(leg('http'), leg('ws')),
  between(leg('http', MODERN), leg('ws')),
  between(leg('ws'), leg('stdio')),
  between(leg('http'), leg('stdio')),
  between(leg('http', MODERN), leg('stdio', MODERN)),
  between(leg('ws'), leg('unix')),
  between(leg('unix'), leg('unix')),
  between(leg('unix', MODERN), leg('unix', MODERN)),
  between(leg('unix'), leg('ws')),
];
