import { request } from 'undici';

/** Gets the documents in which issuers publish their keys. */
export interface KeyFetch {
  /** The JSON at an address. Rejects where there is none, or it is not to be had as it should be. */
  json(url: string): Promise<unknown>;
}

export const KEY_FETCH = Symbol('KeyFetch');

const MAX_BYTES = 1_024 * 1_024;
const WITHIN_MS = 5_000;

/** Over HTTP: 5 seconds and 1 MiB at most, and never to where a redirect points. */
export const httpKeyFetch: KeyFetch = {
  async json(url) {
    const { statusCode, body } = await request(url, {
      headers: { accept: 'application/jwk-set+json, application/json' },
      signal: AbortSignal.timeout(WITHIN_MS),
    });
    const bytes: Buffer[] = [];
    let length = 0;
    // An answer that is not read to its end is destroyed with the loop.
    for await (const chunk of body as AsyncIterable<Buffer>) {
      if (statusCode !== 200) throw new Error(`status ${statusCode}`);
      length += chunk.length;
      if (length > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes`);
      bytes.push(chunk);
    }
    if (statusCode !== 200) throw new Error(`status ${statusCode}`);
    return JSON.parse(Buffer.concat(bytes).toString()) as unknown;
  },
};
