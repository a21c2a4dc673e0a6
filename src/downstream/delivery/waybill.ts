import type { TLSSocket } from 'node:tls';
import { X509Certificate } from 'node:crypto';

import type { Credentials } from '../../auth/index.js';
import { clientAddressOf, isSecure, noteConnection } from '../../core/client-connection.js';
import { Sealer } from '../../core/sealed.js';
import type { WorkerBus } from '../../core/worker-bus.js';
import type { HttpRequest } from '../http/http-message.js';

/** The header that a waybill travels in, from worker to worker only. */
export const WAYBILL = 'x-mcp-gateway-waybill';

/**
 * What goes with a request that one worker hands to another: what its headers do not say of the client. Sealed with the
 * secret of this start and bound to the worker that it is for, so that nobody else can write one.
 */
export class Waybills {
  private readonly sealer: Sealer;

  constructor(private readonly bus: Pick<WorkerBus, 'secret' | 'self'>) {
    this.sealer = new Sealer(bus.secret);
  }

  write(request: HttpRequest, to: string): string {
    const certificate = certificateOf(request);
    return this.sealer.seal('waybill', to, {
      address: clientAddressOf(request),
      secure: isSecure(request),
      ...(certificate && { certificate }),
    });
  }

  /**
   * Notes of a request who made it, as the worker says that took it.
   *
   * @returns what the client has shown to be let in; undefined for what no worker has sent
   */
  read(request: HttpRequest): Credentials | undefined {
    const text = request.headers[WAYBILL];
    const read = typeof text === 'string' ? this.sealer.open('waybill', this.bus.self.id, text) : undefined;
    if (!read) return undefined;
    const { address, secure, certificate } = read;
    noteConnection(request, { address: typeof address === 'string' ? address : '', secure: secure === true });
    const { headers } = request;
    return typeof certificate === 'string' ? { headers, socket: shown(certificate) } : { headers };
  }
}

type TlsConnection = Partial<Pick<TLSSocket, 'authorized' | 'getPeerX509Certificate'>>;

function certificateOf({ socket }: HttpRequest): string | undefined {
  const { authorized, getPeerX509Certificate } = socket as TlsConnection;
  if (authorized !== true || typeof getPeerX509Certificate !== 'function') return undefined;
  return (socket as TLSSocket).getPeerX509Certificate()?.raw.toString('base64');
}

/** What a TLS connection would say of the certificate that another worker has checked. One for each request. */
function shown(certificate: string): object {
  const read = new X509Certificate(Buffer.from(certificate, 'base64'));
  return { authorized: true, getPeerX509Certificate: () => read };
}
