/** Why a credential is refused: for logs, metrics and audit, never for whoever showed it. */
export type RefusalReason =
  /** No credential at all. */
  | 'nothing_shown'
  /** Of a kind that the route does not take. */
  | 'not_taken'
  | 'malformed'
  /** Nobody has such a key, user name or certificate. */
  | 'unknown'
  | 'password'
  | 'algorithm'
  | 'signing_key'
  | 'signature'
  | 'issuer'
  | 'audience'
  /** Known, but not issued for what the route needs. */
  | 'scope'
  | 'subject'
  | 'claims'
  | 'lifetime'
  | 'not_yet_valid'
  | 'expired'
  /** Too many passwords wait to be looked at. */
  | 'busy'
  /** It could not be told: whoever knows cannot be reached. */
  | 'unavailable';

/** Thrown by auth methods: the credential is not good. */
export class AuthRefusal extends Error {
  override readonly name = 'AuthRefusal';

  constructor(readonly why: RefusalReason) {
    super(why);
  }
}
