import { type IncomingMessage, type OutgoingHttpHeader, type OutgoingHttpHeaders, ServerResponse } from 'node:http';

import type { FlatHeaders } from './security-headers.js';

/** The headers that go with every answer to a request; empty for none. */
export type FixedHeaders = (request: IncomingMessage) => FlatHeaders;

/** Reason and headers, or one of them. */
type Head = string | OutgoingHttpHeaders | OutgoingHttpHeader[] | undefined;

/** A class of responses that all carry fixed headers, in the same list as their own: set one by one they cost the most. */
export function responsesWith(fixedFor: FixedHeaders): typeof ServerResponse<IncomingMessage> {
  return class FrontResponse extends ServerResponse {
    override writeHead(status: number, ...rest: Head[]): this {
      const fixed = fixedFor(this.req);
      const headers = rest.at(-1);
      const isPlain = rest.length <= 1 && typeof headers !== 'string';
      if (fixed.length === 0 || !isPlain || this.getHeaderNames().length > 0) {
        for (let index = 0; index < fixed.length; index += 2) this.setHeader(fixed[index]!, fixed[index + 1]!);
        return super.writeHead(status, ...(rest as []));
      }
      const own: readonly unknown[] = Array.isArray(headers) ? headers : Object.entries(headers ?? {}).flat();
      return super.writeHead(status, [...fixed, ...own] as string[]);
    }
  };
}
