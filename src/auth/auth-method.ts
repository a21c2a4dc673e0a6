import type { Principal } from '../core/principal.js';
import { defineExtensionPoint, type ExtensionTraits } from '../extension/index.js';
import type { AuthSection } from './auth.section.js';
import type { Credentials, Destination } from './credentials.js';

/**
 * One way to show who you are. There is one instance of each as long as the gateway runs; which routes it serves is
 * not its affair.
 */
export interface AuthMethod {
  /** Takes the configuration over, at the start and with every change of it. Must not wait for anything. */
  apply(section: AuthSection): void;
  /**
   * What of a request is a credential for this method, good or bad; undefined where it shows none. Called for every
   * request: it must be cheap, must not throw, and must not judge.
   */
  credentialOf(request: Credentials): string | undefined;
  /**
   * Who that is. What is thrown is remembered by nobody; a principal is, until it expires.
   *
   * @throws AuthRefusal for a bad credential; `auth_unavailable` where it cannot be told
   */
  verify(credential: string, request: Credentials, to: Destination): Principal | Promise<Principal>;
  /**
   * Whether a principal that it vouched for would be vouched for again, the same, by what is configured now. What was
   * opened with the credential of one for whom that is not so ends. Left out: of nobody, after a change.
   */
  stands?(principal: Principal): boolean | Promise<boolean>;
  /** Whose credential it claims to be, for counting failures: a user name, the first letters of a key. */
  claimantOf?(credential: string): string | undefined;
}

/** What is to be known of an auth method before there is one. */
export interface AuthMethodTraits extends ExtensionTraits {
  /** The scheme of `WWW-Authenticate` that asks for it. */
  readonly scheme: string;
  /** What stands behind the scheme, always: `realm="mcp-gateway"`. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Whether a configuration says enough for it to be used. Without this: whether it has options. */
  isConfigured?(section: AuthSection): boolean;
}

/** Makes a class an auth method that configuration can name. */
export const AuthMethod = defineExtensionPoint<AuthMethod, AuthMethodTraits>('auth method');
