/** Who somebody says to be, and the password to it; neither has been judged. */
export interface BasicCredentials {
  readonly name: string;
  readonly password: string;
}

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const CONTROL = /\p{Cc}/u;

/**
 * Name and password; the password may hold colons. Undefined where it is not said as it must be.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7617#section-2
 */
export function parseBasic(token: string): BasicCredentials | undefined {
  if (!BASE64.test(token)) return undefined;
  const text = textOf(token);
  const colon = text?.indexOf(':') ?? -1;
  if (text === undefined || colon < 1 || CONTROL.test(text)) return undefined;
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

function textOf(token: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(token, 'base64'));
  } catch {
    return undefined;
  }
}
