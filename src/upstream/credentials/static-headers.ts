import { type ServerAuthConfig, usesBasic } from './auth.config.js';

/** Credentials that stay what they are: they are headers as any others. Empty where there are none. */
export function staticHeaders({ bearer, basic }: ServerAuthConfig): Readonly<Record<string, string>> {
  if (bearer !== undefined) return { authorization: `Bearer ${bearer}` };
  if (!usesBasic(basic)) return {};
  const { username = '', password = '' } = basic;
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}
