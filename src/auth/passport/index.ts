import { GatewayApiKeyStrategy, GatewayBasicStrategy, GatewayOtherStrategy } from './strategies.js';

export { PrincipalGuard, principalOfRequest } from './principal.guard.js';

export const PASSPORT_STRATEGIES = [GatewayBasicStrategy, GatewayApiKeyStrategy, GatewayOtherStrategy] as const;
