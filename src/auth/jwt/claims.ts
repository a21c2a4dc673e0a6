import { isObject, type JsonObject, type JsonValue } from '../../core/json.js';
import { type Principal, principalOf } from '../../core/principal.js';
import { AuthRefusal } from '../auth-refusal.js';
import type { JwtConfig } from '../section/jwt.shape.js';

/** What is asked of the claims of one issuer's tokens. */
export interface Expected {
  /** Undefined: any. */
  readonly issuer: string | undefined;
  /** Empty: any. */
  readonly audience: readonly string[];
}

const MAX_SUBJECT = 512;

/**
 * Whom verified claims stand for.
 *
 * @param wallMs milliseconds since 1970
 * @throws AuthRefusal
 * @see https://www.rfc-editor.org/rfc/rfc7519#section-4.1
 */
export function principalOfClaims(
  claims: JsonObject,
  expected: Expected,
  config: JwtConfig,
  wallMs: number,
): Principal {
  const issuer = issuerOf(claims, expected);
  checkAudience(claims, expected);
  const expiresAt = endOf(claims, config, wallMs);
  const subject = valueAt(claims, config.subjectClaim);
  if (typeof subject !== 'string' || subject === '' || subject.length > MAX_SUBJECT) throw new AuthRefusal('subject');
  const tenant = valueAt(claims, config.tenantClaim);
  return principalOf({
    method: 'jwt',
    issuer,
    subject,
    roles: listOf(valueAt(claims, config.rolesClaim)),
    scopes: listOf(valueAt(claims, config.scopesClaim)),
    tenant: typeof tenant === 'string' && tenant !== '' ? tenant : undefined,
    claims,
    expiresAt,
  });
}

function issuerOf(claims: JsonObject, expected: Expected): string | undefined {
  const issuer = member(claims, 'iss');
  if (issuer !== undefined && typeof issuer !== 'string') throw new AuthRefusal('issuer');
  if (expected.issuer !== undefined && issuer !== expected.issuer) throw new AuthRefusal('issuer');
  return issuer;
}

function checkAudience(claims: JsonObject, { audience }: Expected): void {
  if (audience.length === 0) return;
  const named = member(claims, 'aud');
  const names = Array.isArray(named) ? named : [named];
  if (!names.some((name) => typeof name === 'string' && audience.includes(name))) throw new AuthRefusal('audience');
}

/** Milliseconds since 1970 after which the claims are no longer good, the allowed skew included. */
function endOf(claims: JsonObject, { clockSkew, maxLifetime }: JwtConfig, wallMs: number): number {
  const [exp, nbf, iat] = [time(claims, 'exp'), time(claims, 'nbf'), time(claims, 'iat')];
  if (exp === undefined) throw new AuthRefusal('claims');
  if (nbf !== undefined && nbf > wallMs + clockSkew) throw new AuthRefusal('not_yet_valid');
  if (iat !== undefined && iat > wallMs + clockSkew) throw new AuthRefusal('not_yet_valid');
  if (exp + clockSkew <= wallMs) throw new AuthRefusal('expired');
  if (exp - (iat ?? wallMs) > maxLifetime) throw new AuthRefusal('lifetime');
  return exp + clockSkew;
}

/** A NumericDate in milliseconds. @throws AuthRefusal where it is anything but a number */
function time(claims: JsonObject, name: string): number | undefined {
  const value = member(claims, name);
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new AuthRefusal('claims');
  return value * 1_000;
}

/** A claim by its name, or else by the steps to it. */
function valueAt(claims: JsonObject, path: string): JsonValue | undefined {
  const whole = member(claims, path);
  if (whole !== undefined || !path.includes('.')) return whole;
  let value: JsonValue | undefined = claims;
  for (const step of path.split('.')) value = isObject(value) ? member(value, step) : undefined;
  return value;
}

function member(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function listOf(value: JsonValue | undefined): readonly string[] {
  if (typeof value === 'string') return value.split(/[\s,]+/).filter(Boolean);
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
