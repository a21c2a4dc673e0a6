import type { GatewayAdapter } from './gateway.ts';

/** Nothing: what the generator and the echo server can do, over the transport of the clients and without TLS. */
export const DIRECT: GatewayAdapter = {
  name: 'direct',
  version: () => '',
  refusal: () => undefined,
  async start({ downstream: { transport } }, { whole }) {
    if (transport === 'stdio') throw new Error('clients do not come over stdio here');
    return { url: whole.url(transport), [Symbol.asyncDispose]: async () => undefined };
  },
};
