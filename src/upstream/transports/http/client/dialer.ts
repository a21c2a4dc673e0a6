import { connect, isIP, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

import type { ServerSettings } from '../../../server-settings.js';

/** Where the system puts what it reads: of every connection in the same place, as each is read at once. */
const READ_BYTES = 64 * 1_024;
const KEEP_ALIVE_MS = 60_000;

let shared: Buffer | undefined;

/** How a server is reached. */
export type Address = Pick<ServerSettings, 'connectTimeout' | 'tlsOptions'> & { readonly url: URL };

/** Opens connections to one server, plain or by TLS. Who does not show a good certificate is not spoken to. */
export class Dialer {
  private readonly host: string;
  private readonly port: number;
  private readonly isSecure: boolean;
  /** Of the last connection by TLS, to be gone on with. */
  private session: Buffer | undefined;

  constructor(private readonly address: Address) {
    const { hostname, port, protocol } = address.url;
    this.host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
    this.isSecure = protocol === 'https:';
    this.port = Number(port || (this.isSecure ? 443 : 80));
  }

  /** The event by which a connection says that it can be written to. */
  get ready(): 'secureConnect' | 'connect' {
    return this.isSecure ? 'secureConnect' : 'connect';
  }

  /**
   * Begins to connect. One that is not ready in time is destroyed, and says why.
   *
   * @param read is given each read, to be looked at during the call only
   */
  dial(read: (bytes: Buffer) => void): Socket {
    const onread = reading(read);
    const socket = this.isSecure ? this.secure(onread) : connect({ host: this.host, port: this.port, onread });
    socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
    const late = setTimeout(() => socket.destroy(new Error('not connected in time')), this.address.connectTimeout);
    const settled = (): void => clearTimeout(late);
    late.unref();
    return socket.once(this.ready, settled).once('close', settled);
  }

  private secure(onread: OnReadOpts): Socket {
    const { host, port, session } = this;
    const { tlsOptions } = this.address;
    const options: ConnectionOptions & { readonly onread: OnReadOpts } = {
      servername: isIP(host) === 0 ? host : '',
      ...tlsOptions,
      host,
      port,
      onread,
      ...(session && { session }),
      ALPNProtocols: ['http/1.1'],
      // Whatever the environment says.
      rejectUnauthorized: true,
    };
    return connectTls(options).on('session', (next: Buffer) => (this.session = next));
  }
}

function reading(read: (bytes: Buffer) => void): OnReadOpts {
  const buffer = (shared ??= Buffer.allocUnsafeSlow(READ_BYTES));
  return {
    buffer,
    callback(size) {
      read(buffer.subarray(0, size));
      return true;
    },
  };
}
