import { Logger, Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { PassportModule } from '@nestjs/passport';

import { type ConfigSnapshot, ConfigService, groupNames } from '../config/index.js';
import { Extensions } from '../extension/index.js';
import { OutboundModule } from '../outbound/index.js';
import { StorageModule } from '../storage/index.js';
import { checkAuth } from './auth.check.js';
import { AuthSection } from './auth.section.js';
import { AuthService } from './auth.service.js';
import { Challenges } from './challenges.js';
import { CredentialCache } from './credential-cache.js';
import { FailureLimiter } from './failure-limiter.js';
import { KeyFetch } from './jwks/key-fetch.js';
import { isSecretLiteral } from './literal-secret.js';
import { MethodBook } from './method-book.js';
import { MethodChoice } from './method-choice.js';
import { AUTH_METHODS } from './methods/index.js';
import { checkAudiences } from './oauth/audience.check.js';
import { OAuthSection } from './oauth/oauth.section.js';
import { ResourceServer } from './oauth/resource-server.js';
import { Resources } from './oauth/resources.js';
import { PassportStrategies, PrincipalGuard } from './passport/index.js';
import { PasswordCheck } from './passwords/password-check.js';
import { Reception } from './reception.js';
import { checkRoutes } from './route.check.js';
import { Verdicts } from './verdicts.js';

/** Who is asking: the auth methods, and the one service that asks them. */
@Module({
  imports: [JwtModule.register({}), OutboundModule, PassportModule, StorageModule],
  providers: [
    AuthService,
    Challenges,
    CredentialCache,
    FailureLimiter,
    KeyFetch,
    MethodBook,
    MethodChoice,
    PasswordCheck,
    Reception,
    ResourceServer,
    Resources,
    Verdicts,
    ...AUTH_METHODS,
    PassportStrategies,
    PrincipalGuard,
  ],
  exports: [
    AuthService,
    Challenges,
    MethodChoice,
    PassportStrategies,
    PrincipalGuard,
    Reception,
    ResourceServer,
    Resources,
  ],
})
export class AuthModule {
  private readonly logger = new Logger('Auth');

  constructor(config: ConfigService, choice: MethodChoice, extensions: Extensions) {
    config.addCheck((next) => checkAudiences(next.get(AuthSection), next.get(OAuthSection)));
    config.addCheck((next) => checkRoutes(next.get(AuthSection), groupNames(next)));
    config.addCheck((next) => checkAuth(next.get(AuthSection), choice, extensions));
    if (config.get(AuthSection).jwtSecret !== undefined) this.warn(config.snapshot);
    config.changes.subscribe(({ next }) => this.warn(next));
  }

  private warn(config: ConfigSnapshot): void {
    if (!isSecretLiteral(config)) return;
    this.logger.warn('jwt_secret stands in the configuration file; take it from "${NAME}" or "${file:/path}" instead');
  }
}
