import { ApiKeyMethod } from './api-key.method.js';
import { BasicMethod } from './basic.method.js';
import { JwtMethod } from './jwt.method.js';
import { MtlsMethod } from './mtls.method.js';

/** Every auth method that ships, in the order in which credentials are looked for. */
export const AUTH_METHODS = [JwtMethod, ApiKeyMethod, BasicMethod, MtlsMethod] as const;
