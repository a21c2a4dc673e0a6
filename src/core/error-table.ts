/** Whose doing a failure is. Decides the log level, and whether a breaker counts it. */
export type Blame = 'downstream' | 'upstream' | 'gateway';

/** How one failure is said on the wire of one era. */
export interface WireError {
  /** HTTP status on Streamable HTTP. What was dispatched answers 200: SDK clients do not read a 5xx body as JSON-RPC. */
  readonly http: number;
  /** JSON-RPC code. What MCP does not define is -32603 with `data.reason`. */
  readonly rpc: number;
}

export interface ErrorTraits {
  readonly blame: Blame;
  /** The outcome as an HTTP-like status: the `status` of metrics and logs, even where the wire says 200. */
  readonly status: number;
  readonly legacy: WireError;
  readonly modern: WireError;
  /** Whether the same request may succeed if it is simply sent again. */
  readonly retryable?: true;
}

function both(http: number, rpc: number): Pick<ErrorTraits, 'legacy' | 'modern'> {
  return { legacy: { http, rpc }, modern: { http, rpc } };
}

/**
 * Every way the gateway can fail, and how each is said on each wire.
 *
 * The names are public: they stand in replies (`data.reason`), logs, metrics and docs/errors.md, and
 * keep their meaning for ever.
 */
export const ERROR_TABLE = {
  protocol_parse_error: { blame: 'downstream', status: 400, ...both(400, -32700) },
  protocol_malformed: { blame: 'downstream', status: 400, ...both(400, -32600) },
  protocol_unknown_method: {
    blame: 'downstream',
    status: 404,
    legacy: { http: 200, rpc: -32601 },
    modern: { http: 404, rpc: -32601 },
  },
  protocol_invalid_params: { blame: 'downstream', status: 400, ...both(200, -32602) },
  protocol_envelope: { blame: 'downstream', status: 400, ...both(400, -32602) },
  protocol_header_mismatch: { blame: 'downstream', status: 400, ...both(400, -32020) },
  protocol_missing_capability: {
    blame: 'downstream',
    status: 400,
    legacy: { http: 200, rpc: -32603 },
    modern: { http: 400, rpc: -32021 },
  },
  protocol_unsupported_revision: {
    blame: 'downstream',
    status: 400,
    legacy: { http: 400, rpc: -32000 },
    modern: { http: 400, rpc: -32022 },
  },
  protocol_not_acceptable: { blame: 'downstream', status: 406, ...both(406, -32000) },
  protocol_media_type: { blame: 'downstream', status: 415, ...both(415, -32000) },
  protocol_too_large: { blame: 'downstream', status: 413, ...both(413, -32000) },
  protocol_uri_too_long: { blame: 'downstream', status: 414, ...both(414, -32000) },
  protocol_headers_too_large: { blame: 'downstream', status: 431, ...both(431, -32000) },
  protocol_http_method: { blame: 'downstream', status: 405, ...both(405, -32000) },
  session_required: { blame: 'downstream', status: 400, ...both(400, -32000) },
  session_unknown: { blame: 'downstream', status: 404, ...both(404, -32001) },
  stream_unknown: { blame: 'downstream', status: 400, ...both(400, -32000) },
  host_refused: { blame: 'downstream', status: 403, ...both(403, -32000) },
  origin_refused: { blame: 'downstream', status: 403, ...both(403, -32000) },
  auth_required: { blame: 'downstream', status: 401, ...both(401, -32603) },
  auth_invalid: { blame: 'downstream', status: 401, ...both(401, -32603) },
  auth_insufficient_scope: { blame: 'downstream', status: 403, ...both(403, -32603) },
  auth_throttled: { blame: 'downstream', status: 429, ...both(429, -32603), retryable: true },
  auth_unavailable: { blame: 'gateway', status: 503, ...both(503, -32603), retryable: true },
  access_denied: { blame: 'downstream', status: 403, ...both(403, -32603) },
  route_unknown: { blame: 'downstream', status: 404, ...both(404, -32000) },
  upstream_unknown: { blame: 'downstream', status: 404, ...both(404, -32603) },
  connection_unknown: { blame: 'downstream', status: 404, ...both(404, -32603) },
  target_unknown: { blame: 'downstream', status: 404, ...both(200, -32602) },
  resource_not_found: {
    blame: 'downstream',
    status: 404,
    legacy: { http: 200, rpc: -32002 },
    modern: { http: 200, rpc: -32602 },
  },
  arguments_invalid: { blame: 'downstream', status: 400, ...both(200, -32602) },
  limit_rate: { blame: 'downstream', status: 429, ...both(429, -32603), retryable: true },
  limit_connections: { blame: 'downstream', status: 503, ...both(503, -32603), retryable: true },
  limit_sessions: { blame: 'downstream', status: 503, ...both(503, -32603), retryable: true },
  limit_in_flight: { blame: 'downstream', status: 429, ...both(429, -32603), retryable: true },
  state_invalid: { blame: 'downstream', status: 400, ...both(200, -32602) },
  state_expired: { blame: 'downstream', status: 410, ...both(200, -32602) },
  limit_parked_calls: { blame: 'downstream', status: 503, ...both(200, -32603), retryable: true },
  limit_listens: { blame: 'downstream', status: 429, ...both(200, -32603) },
  limit_subscriptions: { blame: 'downstream', status: 429, ...both(200, -32603) },
  upstream_unavailable: { blame: 'upstream', status: 503, ...both(200, -32603), retryable: true },
  upstream_overloaded: { blame: 'upstream', status: 503, ...both(200, -32603), retryable: true },
  upstream_timeout: { blame: 'upstream', status: 504, ...both(200, -32603) },
  upstream_protocol_error: { blame: 'upstream', status: 502, ...both(200, -32603) },
  exchange_cancelled: { blame: 'downstream', status: 499, ...both(200, -32603) },
  audit_unavailable: { blame: 'gateway', status: 503, ...both(503, -32603), retryable: true },
  gateway_draining: { blame: 'gateway', status: 503, ...both(503, -32603), retryable: true },
  gateway_worker_gone: { blame: 'gateway', status: 503, ...both(200, -32603) },
  gateway_fault: { blame: 'gateway', status: 500, ...both(200, -32603) },
  config_invalid: { blame: 'gateway', status: 422, ...both(422, -32603) },
} as const satisfies Record<string, ErrorTraits>;

export type ErrorCode = keyof typeof ERROR_TABLE;
