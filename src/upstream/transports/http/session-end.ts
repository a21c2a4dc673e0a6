import type { HttpConnections } from './http-connections.js';
import type { HttpHost } from './http-host.js';

const PATIENCE_MS = 1_000;

/** Tells a server that its session is over. It may not care; whatever it answers is fine, and soon enough nobody waits. */
export function endSession(
  wire: Pick<HttpHost, 'authorized' | 'clock' | 'session'>,
  connections: HttpConnections,
): Promise<void> {
  return new Promise((resolve) => {
    const timer = wire.clock.after(PATIENCE_MS, resolve);
    const done = (): void => {
      timer.cancel();
      resolve();
    };
    const ignore = (): void => undefined;
    const handler = {
      onRequestStart: ignore,
      onResponseStart: done,
      onResponseData: ignore,
      onResponseEnd: done,
      onResponseError: done,
    };
    wire.authorized(wire.session.get, (headers) => connections.dispatch({ method: 'DELETE', headers }, handler), done);
  });
}
