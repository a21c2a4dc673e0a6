import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { Controller, Get, Global, type INestApplication, Module, Req, UseGuards, Catch } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Request, Response } from 'express';

import { basic, JWT_SECRET } from '../../../test/support/auth-bench.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { configured } from '../../../test/support/surfaces.js';
import { CLOCK } from '../../core/clock.js';
import { GatewayError, headersOf } from '../../core/errors.js';
import { type AuthDecision, Events } from '../../core/events.js';
import { ExtensionModule } from '../../extension/index.js';
import { AuthModule } from '../auth.module.js';
import { AuthSection } from '../auth.section.js';
import { digestOf } from '../keys/key-digest.js';
import { OutboundSection } from '../../outbound/index.js';
import { OAuthSection } from '../oauth/oauth.section.js';
import { hashPassword } from '../passwords/scrypt.js';
import { SecuritySection } from '../security.section.js';
import { PrincipalGuard, principalOfRequest } from './index.js';

@Catch(GatewayError)
class Shown implements ExceptionFilter {
  catch(error: GatewayError, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    response.status(error.traits.status).set(headersOf(error)).json({ code: error.code });
  }
}

@Controller('who')
class WhoController {
  @Get()
  @UseGuards(PrincipalGuard)
  who(@Req() request: Request): object {
    const { method, subject } = principalOfRequest(request);
    return { method, subject };
  }
}

describe('PrincipalGuard', () => {
  let app: INestApplication;
  const decisions: AuthDecision[] = [];

  beforeAll(async () => {
    const events = new Events();
    events.on('auth.decided', (event) => decisions.push(event));
    @Global()
    @Module({
      providers: [
        { provide: CLOCK, useValue: new ManualClock() },
        { provide: Events, useValue: events },
      ],
      exports: [CLOCK, Events],
    })
    class Ground {}
    const config = await configured(
      `[security.auth]
enabled = true
jwt_secret = "${JWT_SECRET}"
[[security.auth.api_keys]]
name = "ci"
sha256 = "${digestOf('key')}"
[[security.auth.users]]
name = "ada"
password_hash = "${await hashPassword('a:b', { ln: 10, r: 8, p: 1 })}"`,
      AuthSection,
      OAuthSection,
      OutboundSection,
      SecuritySection,
    );
    @Module({ imports: [Ground, config, ExtensionModule, AuthModule], controllers: [WhoController] })
    class App {}
    app = await NestFactory.create(App, { logger: false, abortOnError: false });
    app.useGlobalFilters(new Shown());
    await app.init();
    await once(app.getHttpServer().listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(() => app.close());

  const ask = async (headers: Record<string, string>): Promise<unknown> => {
    const { port } = app.getHttpServer().address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/who`, { headers });
    return [response.status, await response.json(), response.headers.get('www-authenticate')];
  };

  it('lets in by the same methods as the data path', async () => {
    expect(await ask({ 'x-api-key': 'key' })).toEqual([200, { method: 'api_key', subject: 'ci' }, null]);
    expect(await ask({ authorization: basic('ada', 'a:b') })).toEqual([200, { method: 'basic', subject: 'ada' }, null]);
  });

  it.each<[Record<string, string>, string]>([
    [{}, 'auth_required'],
    [{ authorization: basic('ada', 'a') }, 'auth_invalid'],
    [{ authorization: `XBasicY ${basic('ada', 'a:b').slice(6)}` }, 'auth_invalid'],
    [{ authorization: 'Bearer x' }, 'auth_invalid'],
    [{ 'x-api-key': 'KEY' }, 'auth_invalid'],
    [{ 'x-api-key': 'bad', authorization: basic('ada', 'a:b') }, 'auth_invalid'],
  ])('turns %j away with the challenge, and asks the service once', async (headers, code) => {
    decisions.length = 0;
    expect(await ask(headers)).toEqual([401, { code }, expect.stringContaining('Basic realm="mcp-gateway"')]);
    expect(decisions).toMatchObject([{ route: '/admin', clientAddress: '127.0.0.1' }]);
  });
});
