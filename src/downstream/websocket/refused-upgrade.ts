import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { Injectable } from '@nestjs/common';

import type { GatewayError } from '../../core/errors.js';
import { Cors } from '../cors/cors.js';
import { responsesWith } from '../headers/front-response.js';
import { SecurityHeaders } from '../headers/security-headers.js';
import { refuse } from '../http/refusal.js';

/** Answers handshakes that come to nothing, with all that the answer to any other HTTP request carries. */
@Injectable()
export class RefusedUpgrade {
  private readonly Response: ReturnType<typeof responsesWith>;

  constructor(
    headers: SecurityHeaders,
    private readonly cors: Cors,
  ) {
    this.Response = responsesWith((request) => headers.of(request));
  }

  /** Says why, and ends the connection. */
  refuse(request: IncomingMessage, socket: Duplex, error: GatewayError): void {
    const response = new this.Response(request);
    response.shouldKeepAlive = false;
    // A TLS socket or a plain one: Node writes to either in the same way.
    response.assignSocket(socket as Socket);
    response.once('finish', () => {
      response.detachSocket(socket as Socket);
      socket.end(() => socket.destroy());
    });
    if (!this.cors.enabled || !this.cors.greet(request, response)) refuse(response, error);
  }
}
