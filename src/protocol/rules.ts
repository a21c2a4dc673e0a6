import type { ErrorCode } from '../core/error-table.js';
import { GatewayError } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';

export interface Rule {
  /** How breaking it is refused. */
  readonly code: ErrorCode;
  /** Whether a gateway that is not strict may overlook it: nothing here relies on it, and nobody is less safe. */
  readonly forgivable: boolean;
}

function strictly(code: ErrorCode): Rule {
  return { code, forgivable: false };
}

function forgivably(code: ErrorCode): Rule {
  return { code, forgivable: true };
}

/**
 * Every rule of the protocol that messages and HTTP requests are judged by. The names are public: they stand in
 * metrics, logs and docs/validation.md, and keep their meaning for ever.
 */
export const RULES = {
  // who may come in
  host: strictly('host_refused'),
  origin: strictly('origin_refused'),
  session_required: strictly('session_required'),
  session_unknown: strictly('session_unknown'),
  // what a frame is
  message_size: strictly('protocol_too_large'),
  utf8: strictly('protocol_parse_error'),
  json: strictly('protocol_parse_error'),
  json_depth: strictly('protocol_parse_error'),
  json_members: strictly('protocol_parse_error'),
  // what a message is
  message_shape: strictly('protocol_malformed'),
  member_twice: strictly('protocol_malformed'),
  jsonrpc_version: strictly('protocol_malformed'),
  request_id: strictly('protocol_malformed'),
  request_id_in_use: strictly('protocol_malformed'),
  method: strictly('protocol_malformed'),
  params: strictly('protocol_malformed'),
  meta: strictly('protocol_invalid_params'),
  progress_token: strictly('protocol_invalid_params'),
  result: strictly('protocol_malformed'),
  error: strictly('protocol_malformed'),
  batch_unsupported: strictly('protocol_malformed'),
  batch: strictly('protocol_malformed'),
  // when it may be sent
  not_initialized: strictly('protocol_malformed'),
  initialized_twice: strictly('protocol_malformed'),
  // what HTTP says of it
  content_type: strictly('protocol_media_type'),
  content_type_spelling: forgivably('protocol_media_type'),
  content_encoding: strictly('protocol_media_type'),
  accept: forgivably('protocol_not_acceptable'),
  revision_header: forgivably('protocol_unsupported_revision'),
  // what a modern request says of itself
  envelope: strictly('protocol_envelope'),
  revision: strictly('protocol_unsupported_revision'),
  era_header: strictly('protocol_header_mismatch'),
  method_header: strictly('protocol_header_mismatch'),
  name_header: strictly('protocol_header_mismatch'),
  argument_header: strictly('protocol_header_mismatch'),
  client_capability: strictly('protocol_missing_capability'),
  era: strictly('protocol_malformed'),
  input_responses: strictly('protocol_invalid_params'),
  request_state: strictly('protocol_invalid_params'),
  listen_filter: strictly('protocol_invalid_params'),
  // what a method wants
  introduction: forgivably('protocol_invalid_params'),
  subject: strictly('protocol_invalid_params'),
  arguments: forgivably('protocol_invalid_params'),
  prompt_argument: forgivably('protocol_invalid_params'),
  completion_argument: forgivably('protocol_invalid_params'),
  cursor: strictly('protocol_invalid_params'),
  log_level: strictly('protocol_invalid_params'),
} as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof RULES;

/** A rule that was broken, as the failure that it is where it is not forgiven. */
export class Violation extends GatewayError {
  /** @param detail as in `GatewayError` */
  constructor(
    readonly rule: RuleName,
    detail: string,
    data?: JsonObject,
  ) {
    super(RULES[rule].code, detail, data);
  }
}
