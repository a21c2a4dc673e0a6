import type { Exchange, Stay } from '../../src/core/exchange.js';
import { Flow } from '../../src/core/flow.js';
import type { InterimMessage } from '../../src/core/message.js';
import { ANONYMOUS } from '../../src/core/principal.js';
import { systemClock } from '../../src/system-clock.js';

/** An exchange of nobody in particular, with what was delivered to it. */
export function exchangeWith(changed: Partial<Exchange> = {}): Exchange & { delivered: InterimMessage[] } {
  const delivered: InterimMessage[] = [];
  return {
    id: 'exchange-1',
    method: 'tools/call',
    peer: { era: 'legacy', revision: '2025-11-25', capabilities: {}, info: { name: 'client', version: '1' } },
    principal: ANONYMOUS,
    stay: stayOf('stay-1'),
    flow: new Flow(),
    clientAddress: '192.0.2.1',
    route: 'mcp',
    startedAt: systemClock.now(),
    deadline: systemClock.now() + 10_000,
    signal: new AbortController().signal,
    wantsProgress: false,
    logLevel: undefined,
    declares: {},
    header: () => undefined,
    mirrored: undefined,
    target: undefined,
    server: undefined,
    deliver: (message) => delivered.push(message),
    ...changed,
    delivered,
  };
}

/** A stay of nobody in particular, with what was delivered to it. */
export function stayOf(id: string, changed: Partial<Stay> = {}): Stay & { delivered: InterimMessage[] } {
  const delivered: InterimMessage[] = [];
  return {
    id,
    principal: ANONYMOUS,
    peer: { era: 'legacy', revision: '2025-11-25', capabilities: {}, info: { name: 'client', version: '1' } },
    logLevel: undefined,
    ended: false,
    flow: new Flow(),
    deliver: (message) => void delivered.push(message),
    onEnd: () => () => undefined,
    ...changed,
    delivered,
  };
}
