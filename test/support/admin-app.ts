import { createServer, type RequestListener } from 'node:http';

import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';

import {
  ADMIN_GATE,
  ADMIN_SERVER_FACTORY,
  AdminModule,
  AdminSection,
  describeAdminApi,
  type AdminGate,
} from '../../src/admin/index.js';
import { AuthSection, OAuthSection, SecuritySection } from '../../src/auth/index.js';
import { PRODUCT } from '../../src/core/product.js';
import { ExtensionModule } from '../../src/extension/index.js';
import { OutboundSection } from '../../src/outbound/index.js';
import { configured, type FakeEngine } from './surfaces.js';

export interface AdminAppOptions {
  readonly toml?: string;
  readonly gate?: AdminGate;
  readonly host?: string;
}

/** The admin API of an engine, listening. */
export async function startAdminApp(
  engine: FakeEngine,
  { toml = '', gate = () => undefined, host = '127.0.0.1' }: AdminAppOptions = {},
): Promise<{ app: INestApplication; origin: string }> {
  const product = { name: 'test-gateway', version: '1.2.3', environment: 'test' };
  const bound = engine.module(
    { provide: PRODUCT, useValue: product },
    { provide: ADMIN_GATE, useValue: gate },
    { provide: ADMIN_SERVER_FACTORY, useValue: (listener: RequestListener) => createServer(listener) },
  );
  const built = await Test.createTestingModule({
    imports: [
      bound,
      await configured(toml, AdminSection, AuthSection, OAuthSection, OutboundSection, SecuritySection),
      ExtensionModule,
      AdminModule,
    ],
  }).compile();
  const app = built.createNestApplication({ logger: false });
  describeAdminApi(app);
  await app.listen(0, host);
  return { app, origin: `http://127.0.0.1:${new URL(await app.getUrl()).port}` };
}
