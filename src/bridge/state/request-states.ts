import { createHash } from 'node:crypto';

import { Inject, Injectable } from '@nestjs/common';

import { CLOCK, type Clock } from '../../core/clock.js';
import { GatewayError } from '../../core/errors.js';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import type { McpRequest } from '../../core/message.js';
import { type Principal, principalKey } from '../../core/principal.js';
import { Sealer } from '../../core/sealed.js';
import { subjectOf } from '../../protocol/index.js';
import { canonical } from '../../core/canonical.js';
import { readContinuation, type Continuation } from './continuation.js';

/** How long a client may take to come back with what waits nowhere. Milliseconds. */
export const STATE_TTL = 3_600_000;

/** The most that is sealed: bytes of JSON, with 64 KB of a server's own in it. */
const MAX_CONTENT = 69_632;
/** Longer than anything that was ever sealed here. */
const MAX_SEALED = 2 * MAX_CONTENT;

/** Who asks for what: as much of an exchange as a state belongs to. */
export type StateOwner = Pick<Exchange, 'principal' | 'target'>;

/**
 * The `requestState` that modern clients are given: sealed, and good only for the principal, the request and the
 * group that it was made for, for as long as it lasts.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/utilities/mrtr
 */
@Injectable()
export class RequestStates {
  constructor(
    private readonly sealer: Sealer,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * @param request as the client sent it: under its own name for what it is about
   * @param ttl milliseconds from now on
   * @throws `upstream_protocol_error` when there is more to be sealed than a client is made to carry
   */
  seal(content: Continuation, request: McpRequest, owner: StateOwner, ttl = STATE_TTL): string {
    const value: JsonObject = {
      ...content,
      request: fingerprint(request),
      group: owner.target?.group ?? '',
      exp: this.clock.wall() + ttl,
    };
    if (Buffer.byteLength(JSON.stringify(value)) > MAX_CONTENT) {
      throw new GatewayError('upstream_protocol_error', 'the server keeps more in requestState than is relayed');
    }
    return this.sealer.seal('state', principalKey(owner.principal), value);
  }

  /**
   * What the client came back with; undefined when it brings no state.
   *
   * @throws `state_invalid` when it is not ours, was changed, or was made for another principal, group or request;
   * `state_expired`
   */
  open(request: McpRequest, owner: StateOwner): Continuation | undefined {
    if (!request.params?.spans.requestState) return undefined;
    const sealed = request.params.text('requestState');
    const value = sealed === undefined ? undefined : this.unseal(sealed, owner);
    const isOurs = value !== undefined && this.isFor(value, request, owner);
    const content = isOurs ? readContinuation(value) : undefined;
    if (!value || !content) throw new GatewayError('state_invalid', 'Invalid requestState');
    if (!(this.clock.wall() < Number(value['exp']))) {
      throw new GatewayError('state_expired', 'requestState expired: send the request again without it');
    }
    return content;
  }

  /** Id of the process that has the call which a state stands for. Undefined for what stands for none, or is not whole. */
  parkedAt(sealed: string | undefined, principal: Principal): string | undefined {
    const value = sealed === undefined ? undefined : this.unseal(sealed, { principal });
    const content = value && readContinuation(value);
    return content?.typ === 'parked' ? content.owner : undefined;
  }

  private isFor({ request: made, group }: JsonObject, request: McpRequest, { target }: StateOwner): boolean {
    return group === (target?.group ?? '') && made === fingerprint(request);
  }

  private unseal(sealed: string, { principal }: Pick<StateOwner, 'principal'>): JsonObject | undefined {
    return sealed.length > MAX_SEALED ? undefined : this.sealer.open('state', principalKey(principal), sealed);
  }
}

/** The same for the same method, name and arguments, however these are spelled; whatever else params hold. */
function fingerprint(request: McpRequest): string {
  const { method, params } = request;
  const hash = createHash('sha256').update(`${JSON.stringify([method, subjectOf(request) ?? ''])}\n`);
  const at = params?.spans.arguments;
  if (params && at) hash.update(canonical(params.bytes, at[0]));
  return hash.digest('base64url');
}
