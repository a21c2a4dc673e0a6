/** Why there is no token: nobody gets one now, or whoever it was asked for gets none. */
export class TokenFailure extends Error {
  override readonly name = 'TokenFailure';

  /** @param isOfSubject whether the authorization server refused the token that was to be exchanged */
  constructor(
    message: string,
    readonly isOfSubject: boolean,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}
