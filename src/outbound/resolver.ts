import { lookup } from 'node:dns/promises';

export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** Finds all addresses of a host name. */
export type Resolver = (hostname: string) => Promise<readonly ResolvedAddress[]>;

/** As the system does it: hosts file, search domains and all. */
export const systemResolver: Resolver = (hostname) => lookup(hostname, { all: true, verbatim: true });
