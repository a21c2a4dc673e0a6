import type { TlsOptions } from 'node:tls';

/** As much of an HTTPS server as takes a new certificate. */
export interface TlsServer {
  setSecureContext(options: TlsOptions): void;
  once(event: 'close', listener: () => void): unknown;
}

/**
 * What all listeners of this process speak TLS with: one certificate, replaced while they listen.
 * Undefined where it is bound means that `[server.tls]` is left out.
 */
export interface ListenerTls {
  /** For whoever makes a server; `serve` keeps it up to date from then on. */
  readonly options: TlsOptions;
  /** When the certificate ends: seconds since 1970. Undefined while there is none that can be used. */
  readonly expiresAt: number | undefined;
  /** Gives a server each new certificate until it closes. Open connections keep what they began with. */
  serve(server: TlsServer): void;
}

/** Bound by `downstream` to a `ListenerTls`, or to undefined. */
export const LISTENER_TLS = Symbol('ListenerTls');
