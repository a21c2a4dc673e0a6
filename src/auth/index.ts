export { AuthModule } from './auth.module.js';
export { AuthRefusal, type RefusalReason } from './auth-refusal.js';
export { AuthSection } from './auth.section.js';
export { AuthService } from './auth.service.js';
export { AuthMethod, type AuthMethodTraits } from './auth-method.js';
export { type ChallengeCause, type ChallengeParameters, Challenges } from './challenges.js';
export {
  ADMIN_DESTINATION,
  type ClientCertificate,
  type Credentials,
  type Destination,
  type TlsSocket,
} from './credentials.js';
export { isEverybodyAsked } from './exposure.js';
export { digestOf, newApiKey } from './keys/key-digest.js';
export { parsePasswordHash } from './passwords/password-hash.js';
export { MethodChoice } from './method-choice.js';
export { AUTH_METHODS } from './methods/index.js';
export { PrincipalGuard, principalOfRequest } from './passport/index.js';
export { hashPassword } from './passwords/scrypt.js';
export { explainPolicy, type PolicyAnswer, type PolicyQuestion } from './policy/explain.js';
export { PolicyModule } from './policy/policy.module.js';
export { PolicySection } from './policy/policy.section.js';
export { insufficientScope } from './oauth/insufficient-scope.js';
export { METADATA_GATE, type MetadataGate } from './oauth/metadata.controller.js';
export { OAuthModule } from './oauth/oauth.module.js';
export { OAuthSection } from './oauth/oauth.section.js';
export { ResourceServer } from './oauth/resource-server.js';
export { type Entrance, Resources } from './oauth/resources.js';
export { SecuritySection } from './security.section.js';
export { Reception } from './reception.js';
