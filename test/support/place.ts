import type { IncomingMessage } from 'node:http';

import { Endpoint, type HttpOptions, type WsClient } from './raw-clients.ts';

type ConnectOptions = Parameters<Endpoint['connect']>[1];

/** A gateway as seen from one loopback address: who comes from another one is another client. */
export class Place extends Endpoint {
  readonly port: number;

  constructor(
    url: string,
    private readonly address: string,
  ) {
    super();
    this.port = Number(new URL(url).port);
  }

  override connect(path?: string, options: ConnectOptions = {}): Promise<WsClient> {
    return super.connect(path, { ...options, localAddress: this.address });
  }

  override open(method: string, options: HttpOptions = {}): Promise<IncomingMessage> {
    return super.open(method, { ...options, from: this.address });
  }
}
