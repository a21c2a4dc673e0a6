export { PassportStrategies } from './passport-strategies.js';
export { PrincipalGuard, principalOfRequest } from './principal.guard.js';
