import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';

import { clientAddressOf } from '../core/client-connection.js';
import { Events } from '../core/events.js';
import type { Principal } from '../core/principal.js';
import { requestIdOf } from '../core/request-id.js';

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether a request is meant to change something. */
export function isWrite({ method }: Pick<Request, 'method'>): boolean {
  return !READS.has(method);
}

/** Announces what people do by the admin API, each when it was answered: also what their role did not let them do. */
@Injectable()
export class ActReport {
  constructor(private readonly events: Events) {}

  /** To be called once for a request, as soon as it is known who sent it. */
  follow(request: Request, response: Response, principal: Principal): void {
    const { path } = request.route as { readonly path: string };
    const { id } = request.params;
    const act = {
      principal,
      action: `${request.method} ${path}`,
      object: typeof id === 'string' ? id : undefined,
      clientAddress: clientAddressOf(request),
      // As the log names it.
      requestId: typeof request.id === 'string' ? request.id : requestIdOf(request.headers),
      writes: isWrite(request),
    };
    response.once('close', () => this.events.emit('admin.acted', { ...act, status: response.statusCode }));
  }
}
