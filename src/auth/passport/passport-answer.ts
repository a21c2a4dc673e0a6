import type { Request } from 'express';

import { clientAddressOf } from '../../core/client-connection.js';
import type { Principal } from '../../core/principal.js';
import type { Reception } from '../reception.js';
import { ADMIN_DESTINATION, type Destination } from '../credentials.js';

/** How a Passport strategy says what it found; Passport adds these to it for each request. */
export interface PassportAnswer {
  success(user: object): void;
  fail(challenge?: string | number): void;
  error(error: Error): void;
}

const PLACES = new WeakMap<Request, Destination>();

/** Notes where a request wants to go, for the strategies that will be asked about it. */
export function headFor(request: Request, to: Destination): void {
  PLACES.set(request, to);
}

/** Lets the one `Reception` decide, and tells Passport what it said. */
export function answerWith(answer: PassportAnswer, reception: Reception, request: Request): void {
  const to = PLACES.get(request) ?? { route: ADMIN_DESTINATION, clientAddress: clientAddressOf(request) };
  const said = (principal: Principal): void => answer.success(principal);
  const failed = (thrown: unknown): void => answer.error(thrown as Error);
  try {
    const principal = reception.receive(request, to);
    if (principal instanceof Promise) principal.then(said, failed);
    else said(principal);
  } catch (thrown) {
    failed(thrown);
  }
}
