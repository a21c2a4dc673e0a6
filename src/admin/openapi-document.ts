import { Inject, Injectable, type INestApplication, type Type } from '@nestjs/common';
import type { DocumentBuilder, OpenAPIObject } from '@nestjs/swagger';

import { GatewayError } from '../core/errors.js';
import { PRODUCT, type Product } from '../core/product.js';
import { loadDescription } from './description.js';

/** The OpenAPI description of the admin API, made from its controllers when it is first asked for. */
@Injectable()
export class OpenApiDocument {
  private make: (() => Promise<OpenAPIObject>) | undefined;
  private made: Promise<OpenAPIObject> | undefined;

  constructor(@Inject(PRODUCT) private readonly product: Product) {}

  /** Says which application it describes, and which of its modules. */
  describe(app: INestApplication, module: Type): void {
    this.make = async () => {
      const { DocumentBuilder, SwaggerModule } = await loadDescription();
      return SwaggerModule.createDocument(app, this.header(new DocumentBuilder()), { include: [module] });
    };
  }

  /** @throws `route_unknown` while no application was named */
  async get(): Promise<OpenAPIObject> {
    this.made ??= this.make?.();
    if (!this.made) throw new GatewayError('route_unknown', 'no such path');
    return this.made;
  }

  private header(builder: DocumentBuilder): Omit<OpenAPIObject, 'paths'> {
    return builder
      .setOpenAPIVersion('3.1.0')
      .setTitle(`${this.product.name}: admin API`)
      .setDescription('How to see and steer a running MCP gateway. Members of every reply are in snake_case.')
      .setVersion(this.product.version)
      .addApiKey({ type: 'apiKey', in: 'header', name: 'X-API-Key', description: '`[[admin.api_keys]]`' }, 'api_key')
      .addBasicAuth({ type: 'http', scheme: 'basic', description: '`[[admin.users]]`' }, 'basic')
      .addBearerAuth({ type: 'http', scheme: 'bearer', description: '`[admin.jwt_roles]`' }, 'bearer')
      .build();
  }
}
