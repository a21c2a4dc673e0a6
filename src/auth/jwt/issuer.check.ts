import type { ConfigProblem } from '../../config/index.js';
import { isLoopbackHost } from '../../core/loopback.js';
import type { IssuerConfig } from '../section/jwt.shape.js';
import { fits, keyOfText } from './verification-key.js';

/** What is wrong with the issuers whose tokens are to be believed. */
export function checkIssuers(issuers: readonly IssuerConfig[], key: string): ConfigProblem[] {
  return issuers.flatMap((issuer, index) => {
    const place = `${key}[${index}]`;
    const twice = issuers.findIndex((other) => other.issuer === issuer.issuer) < index;
    return [...(twice ? [{ key: `${place}.issuer`, message: 'stands twice' }] : []), ...checkKeys(place, issuer)];
  });
}

function checkKeys(key: string, { jwksUrl, publicKey, algorithms }: IssuerConfig): ConfigProblem[] {
  if ((jwksUrl === undefined) === (publicKey === undefined)) {
    return [{ key, message: 'an issuer has either `jwks_url` or `public_key`' }];
  }
  if (jwksUrl !== undefined) {
    const message = urlProblem(jwksUrl);
    return message === undefined ? [] : [{ key: `${key}.jwks_url`, message }];
  }
  const place = `${key}.public_key`;
  const read = keyOfText(publicKey ?? '');
  if (!read) return [{ key: place, message: 'is no public key in PEM or JWK (RSA of 2048 bits or more, EC, Ed25519)' }];
  if (algorithms.some((algorithm) => fits(read, algorithm))) return [];
  return [{ key: place, message: 'is of a kind that none of `algorithms` can be verified with' }];
}

function urlProblem(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) return 'not a URL';
  if (url.username || url.password) return 'credentials do not belong in a URL';
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname))) return undefined;
  return 'keys are fetched over https; over http only from this machine';
}
