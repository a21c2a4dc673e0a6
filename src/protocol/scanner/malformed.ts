import { GatewayError } from '../../core/errors.js';
import type { Malformed, MessageId } from '../incoming.js';

type Fault = 'protocol_parse_error' | 'protocol_malformed' | 'protocol_invalid_params' | 'protocol_too_large';

/** What is wrong with a message, and with which. */
export function malformed(fault: Fault, detail: string, id?: MessageId): Malformed {
  return { kind: 'malformed', error: new GatewayError(fault, detail), id };
}
