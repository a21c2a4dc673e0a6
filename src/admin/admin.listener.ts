import { once } from 'node:events';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

import { ConfigService } from '../config/index.js';
import { GatewayError } from '../core/errors.js';
import { isLoopbackAddress } from '../core/loopback.js';
import { AdminSection, namesAnybody } from './admin.section.js';

const MAX_CONNECTIONS = 256;

/** Makes the server that the admin API has for itself. @throws `config_invalid` for TLS without a certificate */
export type AdminServerFactory = (listener: RequestListener, tls: boolean) => Server;

/** Bound by the top level, to a server with the bounds that the main one has. */
export const ADMIN_SERVER_FACTORY = Symbol('AdminServerFactory');

/** The port of its own of the admin API, where it has one: a second server before the same application. */
@Injectable()
export class AdminListener implements OnApplicationShutdown {
  private readonly logger = new Logger('Admin');
  /** Where it listens, or did last. */
  private bound: AddressInfo | undefined;
  private server: Server | undefined;
  private own = false;
  private readonly arrived = new WeakSet<IncomingMessage>();

  constructor(
    private readonly config: ConfigService,
    private readonly adapter: HttpAdapterHost,
    @Inject(ADMIN_SERVER_FACTORY) private readonly factory: AdminServerFactory,
  ) {
    const { host, port, tls } = config.get(AdminSection);
    config.changes.subscribe(({ next }) => {
      const section = next.get(AdminSection);
      if (section.host === host && section.port === port && section.tls === tls) return;
      this.logger.warn('a change of host, port or tls in [admin] takes effect after a restart');
    });
  }

  /** Listens, where [admin] has a port of its own; elsewhere the main one does already. @throws `config_invalid` when that is not possible */
  async start(): Promise<void> {
    const { enabled, host, port, tls, ...who } = this.config.get(AdminSection);
    if (!enabled) return;
    if (port === undefined) return void this.address();
    this.own = true;
    const express = this.adapter.httpAdapter.getInstance<RequestListener>();
    const server = this.factory((request, response) => {
      this.arrived.add(request);
      express(request, response);
    }, tls);
    // What is dropped is so at once: workers that are full would hand a connection to each other for ever.
    Object.assign(server, { maxConnections: MAX_CONNECTIONS, dropMaxConnection: true });
    try {
      await once(server.listen(port, host), 'listening');
    } catch (cause) {
      throw new GatewayError('config_invalid', `[admin] cannot listen on port ${port}`, {}, { cause });
    }
    this.server = server;
    if (!tls && who.users.length > 0 && !this.isLoopback) {
      this.logger.warn('[admin] is reached from other machines without TLS: passwords can be read on their way');
    }
  }

  /** Whether the request came in where the admin API is. */
  admits(request: IncomingMessage): boolean {
    return this.own === this.arrived.has(request);
  }

  /** Whether somebody can come in: with a credential, or from this machine. */
  get isServed(): boolean {
    return this.isLoopback || namesAnybody(this.config.get(AdminSection));
  }

  /** Whether it is a port of its own. */
  get isOwn(): boolean {
    return this.own;
  }

  /** Whether only this machine can reach it: what the socket says, since a name may resolve to anything. */
  get isLoopback(): boolean {
    const address = this.address();
    return address !== undefined && isLoopbackAddress(address.address);
  }

  /** Where it is. Undefined before it listens. */
  get url(): string | undefined {
    const address = this.address();
    if (!address) return undefined;
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    return `${this.isEncrypted ? 'https' : 'http'}://${host}:${address.port}/api/v1/status`;
  }

  private get isEncrypted(): boolean {
    if (this.own) return this.config.get(AdminSection).tls;
    return 'setSecureContext' in this.adapter.httpAdapter.getHttpServer();
  }

  async onApplicationShutdown(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (!server) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  private address(): AddressInfo | undefined {
    const server = this.own ? this.server : (this.adapter.httpAdapter.getHttpServer() as Server);
    const bound = server?.address();
    // A server that takes no new connections has none any more, and answers those that it has.
    if (typeof bound === 'object' && bound !== null) this.bound = bound;
    return this.bound;
  }
}
