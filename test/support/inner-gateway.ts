import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';

import { AppModule } from '../../src/app.module.js';
import { AuthService, type Credentials } from '../../src/auth/index.js';
import { openConfig, TextSource } from '../../src/config/index.js';
import { rememberCallerToken } from '../../src/core/caller-token.js';
import { ANONYMOUS, principalOf, type Principal } from '../../src/core/principal.js';
import { FrontAdapter, McpWsAdapter } from '../../src/downstream/index.js';
import { ProcessLifecycle } from '../../src/lifecycle.js';
import { TopologyService } from '../../src/routing/index.js';
import { SECTIONS } from '../../src/sections.js';

/** Takes callers at their word: `Bearer NAME.SCOPE` is NAME, with that token; whoever says nothing is anonymous. */
class Trusting {
  private readonly known = new Map<string, Principal>();

  authenticate({ headers }: Credentials): Principal {
    const { authorization } = headers;
    const token = typeof authorization === 'string' ? authorization.replace(/^Bearer /, '') : undefined;
    if (token === undefined) return ANONYMOUS;
    const known = this.known.get(token);
    if (known) return known;
    const principal = principalOf({ method: 'test', subject: token.split('.')[0] ?? token });
    rememberCallerToken(principal, token);
    this.known.set(token, principal);
    return principal;
  }
}

/** The gateway within the process of the test, with callers that are whoever they say they are. */
export class InnerGateway {
  private constructor(
    private readonly app: NestExpressApplication,
    readonly topology: TopologyService,
    readonly url: string,
  ) {}

  static async start(toml: string, environment: Readonly<Record<string, string>> = {}): Promise<InnerGateway> {
    const opened = await openConfig({
      source: new TextSource(`${toml}\n[logging]\nlevel = "error"\n`),
      sections: SECTIONS,
      environment,
    });
    const module = await Test.createTestingModule({
      imports: [AppModule.forRoot(opened, { level: 'silent', readable: undefined })],
    })
      .overrideProvider(AuthService)
      .useValue(new Trusting())
      .compile();
    const app = module.createNestApplication<NestExpressApplication>(new FrontAdapter(), {
      bodyParser: false,
      logger: false,
    });
    app.useWebSocketAdapter(new McpWsAdapter(app));
    const topology = app.get(TopologyService);
    await app.get(ProcessLifecycle).start([() => app.init(), () => topology.start()]);
    const server = app.getHttpServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return new InnerGateway(app, topology, `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
  }

  get wsUrl(): string {
    return this.url.replace('http', 'ws');
  }

  isUp(): boolean {
    return this.topology.groups().every(({ servers }) => servers.every(({ state }) => state.kind === 'up'));
  }

  async stop(): Promise<void> {
    await this.topology.close(0);
    await this.app.close();
  }
}
