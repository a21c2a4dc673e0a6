import { Injectable } from '@nestjs/common';

import { ConfigService } from '../../config/index.js';
import { ADMIN_DESTINATION, type Credentials } from '../credentials.js';
import { SecuritySection } from '../security.section.js';
import { OAuthSection } from './oauth.section.js';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** How many routes are remembered with what opens them: more than anybody has, but a stranger may ask for any. */
const MAX_ROUTES = 1_000;

/** Where a request came in, as far as it tells which resource is meant. */
export interface Entrance {
  /** Name of the route, or `ADMIN_DESTINATION`. */
  readonly route: string;
  /** By which it came, where it is not the route's own: `/sse`. */
  readonly path?: string | undefined;
  /** Undefined where there were none. */
  readonly headers: Credentials['headers'] | undefined;
}

/**
 * What the gateway is called as an OAuth resource: `[security] public_url` and the path of a route. Without it, the
 * gateway is called as its clients on this machine call it, by a `Host` that was checked.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9728#section-1.2
 */
@Injectable()
export class Resources {
  /** What opens routes by the address that is configured: asked for with every request that brings a token. */
  private readonly audiences = new WeakMap<SecuritySection, Map<string, readonly string[]>>();

  constructor(private readonly config: ConfigService) {}

  /** Whether there is an authorization server that issues tokens for this gateway. */
  get published(): boolean {
    return this.config.get(OAuthSection).authorizationServers.length > 0;
  }

  /** The identifier of a path, without a trailing slash. Undefined where nobody said by which name we are known. */
  resourceOf(path: string, headers: Entrance['headers']): string | undefined {
    const base = this.baseOf(headers);
    return base && base + path;
  }

  /** Where clients find what they need to get a token. Undefined where nothing is published. */
  metadataOf({ route, path, headers }: Entrance): string | undefined {
    if (!this.published || route === ADMIN_DESTINATION) return undefined;
    return this.resourceOf(WELL_KNOWN + (path ?? pathOf(route)), headers);
  }

  /** What a token must be issued for, one of them, so that it opens a route. Undefined where nothing is published. */
  audiencesOf({ route, headers }: Entrance): readonly string[] | undefined {
    if (!this.published) return undefined;
    const section = this.config.get(SecuritySection);
    if (section.publicUrl !== undefined) return this.remembered(section, section.publicUrl, route);
    const base = this.baseOf(headers);
    return base === undefined ? [] : audiencesAt(base, route);
  }

  private remembered(section: SecuritySection, publicUrl: string, route: string): readonly string[] {
    let routes = this.audiences.get(section);
    if (!routes) this.audiences.set(section, (routes = new Map<string, readonly string[]>()));
    const known = routes.get(route);
    if (known) return known;
    if (routes.size >= MAX_ROUTES) routes.clear();
    const made = audiencesAt(plainUrl(publicUrl), route);
    routes.set(route, made);
    return made;
  }

  private baseOf(headers: Entrance['headers']): string | undefined {
    const { publicUrl } = this.config.get(SecuritySection);
    if (publicUrl !== undefined) return plainUrl(publicUrl);
    const host = headers?.['host'];
    return typeof host === 'string' ? `http://${host.toLowerCase()}` : undefined;
  }
}

/** Without slashes at its end. */
function plainUrl(url: string): string {
  return url.replace(/\/+$/, '');
}

function audiencesAt(base: string, route: string): readonly string[] {
  if (route === ADMIN_DESTINATION) return [base, `${base}/`];
  const below = route === 'mcp' ? '' : `/${route}`;
  return [`${base}/mcp${below}`, `${base}/sse${below}`, base, `${base}/`];
}

/** The path of a route, by its name. */
function pathOf(route: string): string {
  return route === 'mcp' ? '/mcp' : `/mcp/${route}`;
}
