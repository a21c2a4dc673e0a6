import type { HttpRequest, HttpResponse } from '../http/http-message.js';
import type { CorsSection } from './cors.section.js';

const METHODS = 'GET, POST, DELETE';
const EVERYBODY = '*';
/** Names of headers that one preflight is answered for. */
const MAX_REQUESTED = 64;

/**
 * Who may do what from a page elsewhere. An origin that is not listed hears nothing of it, nor is anything that it
 * says repeated to it.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export class CorsRules {
  private readonly origins: ReadonlySet<string>;
  private readonly everybody: boolean;
  private readonly names: ReadonlySet<string>;
  private readonly prefixes: readonly string[];
  private readonly exposed: string;
  private readonly maxAge: string;

  constructor(private readonly section: CorsSection) {
    const { allowedOrigins, allowedHeaders, exposedHeaders, maxAge } = section;
    const headers = allowedHeaders.map((name) => name.toLowerCase());
    this.origins = new Set(allowedOrigins);
    this.everybody = this.origins.has(EVERYBODY);
    this.names = new Set(headers.filter((name) => !name.endsWith('*')));
    this.prefixes = headers.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1));
    this.exposed = exposedHeaders.join(', ');
    this.maxAge = String(Math.floor(maxAge / 1_000));
  }

  allows(origin: string): boolean {
    return this.everybody || this.origins.has(origin);
  }

  greet(request: HttpRequest, response: HttpResponse): boolean {
    // What caches keep must not be shown to another origin.
    if (!this.everybody) response.setHeader('vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined || !this.allows(origin)) return false;
    response.setHeader('access-control-allow-origin', this.everybody ? EVERYBODY : origin);
    if (this.section.allowCredentials) response.setHeader('access-control-allow-credentials', 'true');
    const isPreflight = request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
    if (isPreflight) this.permit(request, response);
    else if (this.exposed !== '') response.setHeader('access-control-expose-headers', this.exposed);
    return isPreflight;
  }

  private permit({ headers }: HttpRequest, response: HttpResponse): void {
    response.setHeader('access-control-allow-methods', METHODS);
    const permitted = this.permitted(headers['access-control-request-headers'] ?? '');
    if (permitted.length > 0) response.setHeader('access-control-allow-headers', permitted.join(', '));
    response.setHeader('access-control-max-age', this.maxAge);
    response.writeHead(204);
    response.end();
  }

  /** Those of the requested headers that may be sent. A list of all could not hold the names that parameters have. */
  private permitted(requested: string): string[] {
    const names = requested.split(',', MAX_REQUESTED).map((name) => name.trim().toLowerCase());
    return names.filter((name) => this.names.has(name) || this.isPrefixed(name));
  }

  private isPrefixed(name: string): boolean {
    return /^[\w-]+$/.test(name) && this.prefixes.some((prefix) => name.startsWith(prefix));
  }
}
