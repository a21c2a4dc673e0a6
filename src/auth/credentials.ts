/** As much of a TLS connection as tells who is at its other end. */
export interface TlsSocket {
  /** Whether the certificate of the client was verified against the configured authorities. */
  readonly authorized: boolean;
  getPeerX509Certificate(): ClientCertificate | undefined;
}

/** As much of a client's certificate as is read; `X509Certificate` of Node has it. */
export interface ClientCertificate {
  /** One line for each part: `CN=ci`. */
  readonly subject: string;
  /** As `URI:spiffe://example/ci, DNS:ci.example`; a part with a comma or the like is quoted as in JSON. */
  readonly subjectAltName?: string | undefined;
  readonly fingerprint256: string;
  readonly validTo?: string;
}

/** As much of a request as tells who is asking. Never its query string: tokens do not belong into URLs. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The connection that it came by. */
  readonly socket?: object;
}

/** The destination of whoever wants to use the admin API. Begins as no name of a route can. */
export const ADMIN_DESTINATION = '/admin';

/** Where a request wants to go, and where it comes from. */
export interface Destination {
  /** Name of the route, or `ADMIN_DESTINATION`. */
  readonly route: string;
  readonly clientAddress: string;
  /** By which it came, where it is not that of the route: `/sse`. */
  readonly path?: string;
  /** Under which the request is logged, where it has an id already. */
  readonly requestId?: string;
}
