import { Global, Module, type Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';

import {
  AuthModule,
  AuthSection,
  AuthService,
  Challenges,
  type Credentials,
  OAuthSection,
  SecuritySection,
} from '../../src/auth/index.js';
import { ConfigService, TextSource } from '../../src/config/index.js';
import { CLOCK } from '../../src/core/clock.js';
import { type AuthDecision, Events } from '../../src/core/events.js';
import { HeaderedError } from '../../src/core/errors.js';
import type { Principal } from '../../src/core/principal.js';
import { ExtensionModule } from '../../src/extension/index.js';
import { OutboundSection } from '../../src/outbound/index.js';
import { ManualClock } from './manual-clock.js';
import { configured } from './surfaces.js';

export const CLIENT = '192.0.2.1';
export const JWT_SECRET = 'q8Zt0vLxW3mK7pRb2nYc5sUe9hJd4fGa';

/** The authentication of a gateway with nothing else of it, in a time of the test's own. */
export class AuthBench implements AsyncDisposable {
  readonly decisions: AuthDecision[] = [];

  private constructor(
    private readonly app: TestingModule,
    readonly clock: ManualClock,
    events: Events,
  ) {
    events.on('auth.decided', (event) => this.decisions.push(event));
  }

  /** @param toml what stands below `[security.auth]`, which is enabled */
  static async open(toml: string, clock = new ManualClock(), ...more: Type[]): Promise<AuthBench> {
    const events = new Events();
    const ground = [
      { provide: CLOCK, useValue: clock },
      { provide: Events, useValue: events },
    ];
    @Global()
    @Module({ providers: ground, exports: [CLOCK, Events] })
    class Ground {}
    const config = await configured(
      `[security.auth]\nenabled = true\n${toml}`,
      AuthSection,
      OAuthSection,
      OutboundSection,
      SecuritySection,
    );
    const app = await Test.createTestingModule({
      imports: [Ground, config, ExtensionModule, AuthModule, ...more],
    }).compile();
    app.useLogger(false);
    await app.init();
    return new AuthBench(app, clock, events);
  }

  get service(): AuthService {
    return this.app.get(AuthService);
  }

  get challenges(): Challenges {
    return this.app.get(Challenges, { strict: false });
  }

  get<T>(type: abstract new (...args: never[]) => T): T {
    return this.app.get<T>(type, { strict: false });
  }

  /** An auth method of a test's own. */
  instance<T>(type: new (...args: never[]) => T): Promise<T> {
    return this.app.resolve<T>(type, undefined, { strict: false });
  }

  /** What the checks have against the configuration. */
  async problems(): Promise<string[]> {
    return (await this.app.get(ConfigService, { strict: false }).verify()).map(
      ({ key, message }) => `${key}: ${message}`,
    );
  }

  async reload(toml: string): Promise<string> {
    const source = new TextSource(`[security.auth]\nenabled = true\n${toml}`);
    return (await this.app.get(ConfigService, { strict: false }).apply(source)).kind;
  }

  /** What is said against a configuration that is not applied. */
  async rejected(toml: string): Promise<string[]> {
    const source = new TextSource(`[security.auth]\nenabled = true\n${toml}`);
    const outcome = await this.app.get(ConfigService, { strict: false }).apply(source);
    return outcome.kind === 'rejected' ? outcome.problems.map(({ key, message }) => `${key}: ${message}`) : [];
  }

  async as(headers: Credentials['headers'], route = 'mcp', clientAddress = CLIENT): Promise<Principal> {
    return this.service.authenticate({ headers }, { route, clientAddress });
  }

  /** Whom a token stands for, or why it is refused: the reason as observers hear it. */
  async bearer(token: string): Promise<string> {
    return this.outcome({ authorization: `Bearer ${token}` });
  }

  async outcome(headers: Credentials['headers'], route = 'mcp', clientAddress = CLIENT): Promise<string> {
    try {
      return (await this.as(headers, route, clientAddress)).subject;
    } catch (thrown) {
      const { code } = thrown as HeaderedError;
      return `${code} ${this.decisions.at(-1)?.why}`;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app.close();
  }
}

export function basic(name: string, password: string): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
}
