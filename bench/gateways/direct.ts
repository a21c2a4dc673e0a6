import { type GatewayAdapter, isAlike, onlyUpstream } from './gateway.ts';

/** Nothing: what the generator and the echo server can do. */
export const DIRECT: GatewayAdapter = {
  name: 'direct',
  version: () => '',
  refusal: (scenario) => (scenario.upstream.transport === 'stdio' && isAlike(scenario) ? 'not over stdio' : undefined),
  async start({ downstream, tls }, place) {
    if (tls || downstream.transport === 'stdio') throw new Error('the echo server does not speak that');
    return { url: onlyUpstream(place).url(downstream.transport), [Symbol.asyncDispose]: async () => undefined };
  },
};
