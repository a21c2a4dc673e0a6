/** What the gateway knows of one upstream server. Only `up` servers are offered to a strategy. */
export type ServerState =
  | { readonly kind: 'connecting'; readonly since: number }
  | { readonly kind: 'up'; readonly since: number }
  | { readonly kind: 'down'; readonly since: number; readonly reason: string }
  | { readonly kind: 'draining'; readonly since: number };

/** The breaker of one server: closed lets everything through, half-open a single trial request. */
export type BreakerState =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly until: number }
  | { readonly kind: 'half_open'; readonly trial: boolean };
