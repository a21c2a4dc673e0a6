/** A request, and where on the server it goes. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const TARGET = /^\/[\x21-\x7e]*$/;

/** What says where a request ends, and for whom it is: nobody else may. */
const OWN = /^(?:connection|content-length|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade)$/i;

/**
 * Writes the heads of requests to one server. Those whose headers are the very same object differ in nothing but the
 * length of their bodies, and are written once.
 */
export class RequestHeads {
  private last: Pick<HttpRequest, 'method' | 'path' | 'headers'> | undefined;
  private written = '';

  /** @param authority host and port, as they stand in the URL */
  constructor(private readonly authority: string) {}

  /**
   * A character for each byte, with the empty line.
   *
   * @throws TypeError when there is something in it that cannot stand there
   * @see https://www.rfc-editor.org/rfc/rfc9112#section-3
   */
  write(request: HttpRequest): string {
    const { last } = this;
    if (last?.headers !== request.headers || last.path !== request.path || last.method !== request.method) {
      this.written = this.common(request);
      this.last = request;
    }
    return request.body ? `${this.written}content-length: ${request.body.length}\r\n\r\n` : `${this.written}\r\n`;
  }

  private common({ method, path, headers }: HttpRequest): string {
    if (!TARGET.test(path)) throw new TypeError('not a path');
    let head = `${method} ${path} HTTP/1.1\r\nhost: ${this.authority}\r\nconnection: keep-alive\r\n`;
    for (const name in headers) {
      const value = headers[name] as string;
      if (!NAME.test(name) || OWN.test(name) || !VALUE.test(value))
        throw new TypeError(`header ${name} cannot be sent`);
      head += `${name}: ${value}\r\n`;
    }
    return head;
  }
}
