import { Injectable } from '@nestjs/common';

import { Outbound } from '../../outbound/index.js';

/** Gets the documents in which issuers publish their keys: bounded in time and length, and never from where a redirect points. */
@Injectable()
export class KeyFetch {
  constructor(private readonly outbound: Outbound) {}

  /** The JSON at an address of the configuration. Rejects where there is none, or it is not to be had as it should be. */
  async json(url: string): Promise<unknown> {
    const headers = { accept: 'application/jwk-set+json, application/json' };
    const { status, body } = await this.outbound.request({ url, headers, trusted: true });
    if (status !== 200) throw new Error(`status ${status}`);
    return JSON.parse(body.toString()) as unknown;
  }
}
