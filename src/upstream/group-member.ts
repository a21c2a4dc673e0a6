import type { Candidate } from '../balancer/index.js';
import type { UpstreamServer } from './server/upstream-server.js';

/** A server in its place in one group of one generation: the server may be shared, the weight is not. */
export class GroupMember implements Candidate {
  constructor(
    readonly server: UpstreamServer,
    readonly weight: number,
  ) {}

  get id(): string {
    return this.server.id;
  }

  get pending(): number {
    return this.server.pending;
  }
}
