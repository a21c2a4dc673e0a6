import { Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';

import { ConfigService } from '../config/index.js';
import { clientAddressOf } from '../core/client-connection.js';
import { GatewayError } from '../core/errors.js';
import { isLoopbackAddress, isLoopbackHost } from '../core/loopback.js';
import { AdminCredentials } from './admin-credentials.js';
import { AdminListener } from './admin.listener.js';
import { AdminSection } from './admin.section.js';

/** Why a request may not come in, judged by its `Host` and `Origin`; undefined when it may. */
export type AdminGate = (request: Request, own: boolean) => GatewayError | undefined;

/** Bound by the top level, to the same judgement that MCP requests get. */
export const ADMIN_GATE = Symbol('AdminGate');

/** Whether there is an admin API for a request at all, before anybody asks whose it is. */
@Injectable()
export class AdminDoor {
  constructor(
    private readonly config: ConfigService,
    private readonly listener: AdminListener,
    private readonly credentials: AdminCredentials,
    @Inject(ADMIN_GATE) private readonly gate: AdminGate,
  ) {}

  /**
   * Lets the API exist only while it is enabled, where it listens, and where somebody is asked for a credential:
   * without any, being on this machine is the credential, and not to have a proxy there. Elsewhere it is not refused but absent.
   *
   * @throws `route_unknown`, `host_refused`, `origin_refused`
   */
  pass(request: Request): void {
    const exists =
      this.config.get(AdminSection).enabled &&
      this.listener.admits(request) &&
      (this.credentials.exist || this.listener.isLoopback);
    if (!exists) throw new GatewayError('route_unknown', 'no such path');
    const refusal = this.gate(request, this.listener.isOwn);
    if (refusal) throw refusal;
    if (!this.credentials.exist && !isLocal(request)) throw new GatewayError('route_unknown', 'no such path');
  }
}

/** What proxies say of whom they speak for. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via'];

/** Whether whoever asks is on this machine. A proxy that is there too speaks for anybody, and mostly says so. */
function isLocal(request: Request): boolean {
  const { headers } = request;
  const isNear = isLoopbackAddress(clientAddressOf(request)) && isLoopbackHost(headers.host ?? '');
  return isNear && FORWARDED.every((name) => headers[name] === undefined);
}
