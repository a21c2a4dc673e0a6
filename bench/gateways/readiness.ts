import { get } from 'node:http';
import { get as getOverTls } from 'node:https';

/** Asks a gateway whether it is ready to serve. With the certificate of an authority it is asked over TLS. */
export function isReady(port: number, ca?: string): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, path: '/readiness', agent: false } as const;
    const request = ca === undefined ? get(options) : getOverTls({ ...options, ca });
    request.once('response', (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('error', () => resolve(false));
  });
}
