import { Controller, Get, Header, HttpException, Inject, Req } from '@nestjs/common';
import type { Request as ExpressRequest } from 'express';

import { ConfigService } from '../../config/index.js';
import { GatewayError } from '../../core/errors.js';
import type { JsonObject, JsonValue } from '../../core/json.js';
import { TOPOLOGY_VIEW, type TopologyView } from '../../core/views.js';
import { SecuritySection } from '../security.section.js';
import { OAuthSection } from './oauth.section.js';
import { ResourceServer } from './resource-server.js';
import { Resources } from './resources.js';

const WELL_KNOWN = '.well-known/oauth-protected-resource';

/** Why a request may not come in, judged by its `Host` and `Origin`; undefined when it may. */
export type MetadataGate = (request: ExpressRequest) => GatewayError | undefined;

/** Bound by the top level, to the same judgement that MCP requests get. */
export const METADATA_GATE = Symbol('MetadataGate');

/**
 * Protected resource metadata: where clients get tokens for a route, and for which scopes. Nobody has to say who they
 * are to read it. Absent where no authorization server is configured, and for routes that are not there.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9728
 */
@Controller(WELL_KNOWN)
export class MetadataController {
  constructor(
    private readonly config: ConfigService,
    private readonly resources: Resources,
    private readonly server: ResourceServer,
    @Inject(TOPOLOGY_VIEW) private readonly topology: TopologyView,
    @Inject(METADATA_GATE) private readonly gate: MetadataGate,
  ) {}

  @Get(['', '*path'])
  @Header('cache-control', 'no-store')
  metadata(@Req() request: ExpressRequest): JsonObject {
    const refusal = this.gate(request);
    if (refusal) throw spoken(refusal);
    const path = this.pathOf(request.path.slice(WELL_KNOWN.length + 1));
    const route = this.routeAt(path);
    const resource = this.resources.resourceOf(path, request.headers);
    if (!this.resources.published || route === undefined || resource === undefined) {
      throw spoken(new GatewayError('route_unknown', 'no such path'));
    }
    return this.document(resource, route);
  }

  private document(resource: string, route: string): JsonObject {
    const section = this.config.get(OAuthSection);
    const { scopesSupported } = section;
    const scopes = scopesSupported.length > 0 ? scopesSupported : this.server.scopesOf(route);
    const told = {
      resource,
      authorization_servers: [...section.authorizationServers],
      bearer_methods_supported: ['header'],
      scopes_supported: scopes.length > 0 ? [...scopes] : undefined,
      resource_name: section.resourceName,
      resource_documentation: section.resourceDocumentation,
      resource_policy_uri: section.resourcePolicyUri,
      resource_tos_uri: section.resourceTosUri,
    };
    const given: [string, JsonValue][] = [];
    for (const [name, value] of Object.entries(told)) if (value !== undefined) given.push([name, value]);
    return Object.fromEntries(given);
  }

  /** As clients are told to ask, the path of `public_url` comes first; a proxy may have taken it off or not. */
  private pathOf(asked: string): string {
    const { publicUrl } = this.config.get(SecuritySection);
    const before = publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/+$/, '');
    const path = asked.replace(/\/$/, '');
    return before !== '' && (path === before || path.startsWith(`${before}/`)) ? path.slice(before.length) : path;
  }

  /** Name of the route whose endpoint that is. The gateway as a whole is what its aggregated route is. */
  private routeAt(path: string): string | undefined {
    if (path === '' || path === '/mcp' || path === '/sse') return 'mcp';
    const [, transport, name, ...rest] = path.split('/');
    if (rest.length > 0 || (transport !== 'mcp' && transport !== 'sse')) return undefined;
    return this.topology.groups().find((group) => group.path === `/mcp/${name}`)?.name;
  }
}

/** A refusal as plain HTTP says it: there is no message that could be answered. */
function spoken({ code, message, traits: { status } }: GatewayError): HttpException {
  return new HttpException({ code, message }, status);
}
