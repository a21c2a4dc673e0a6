import { UnsentError, type GatewayError } from '../core/errors.js';
import type { CallHost } from './call-host.js';
import type { GroupMember } from './group-member.js';
import { CredentialsError } from './credentials/credentials.js';
import { RevisionLostError, SessionLostError } from './session-lost.js';
import { saysForbidden } from './transports/http/status-error.js';

/** What a call has met with on its way, and whether it may go on all the same. Most calls meet with nothing. */
export class Setbacks {
  /** The servers that it must not go to again, if there is any other. */
  private readonly members: GroupMember[] = [];
  private repeated = false;
  /** Whether it was sent again because a session was lost. */
  private renewed = false;

  constructor(
    private readonly host: CallHost,
    private readonly method: string,
  ) {}

  get any(): boolean {
    return this.members.length > 0;
  }

  on(member: GroupMember): boolean {
    return this.members.includes(member);
  }

  add(member: GroupMember): void {
    this.members.push(member);
  }

  /** Whether it may be sent again because a session was lost: once. Counts as done. */
  mayRenew(error: GatewayError): boolean {
    if (this.renewed || !(error instanceof SessionLostError)) return false;
    this.renewed = true;
    return true;
  }

  /** Whether it may be sent again, perhaps to another server. Counts as done. */
  mayRepeat(error: GatewayError): boolean {
    // Once it was introduced anew and refused again it is the server's own fault, and not one of the moment.
    if (error instanceof RevisionLostError) return false;
    // Elsewhere there is as little to show.
    if (error instanceof CredentialsError || saysForbidden(error)) return false;
    if (error instanceof UnsentError) return this.members.length < this.host.replicas;
    if (this.repeated || error.code !== 'upstream_unavailable') return false;
    this.repeated = this.host.isRepeatable(this.method) && this.host.affordsRepetition();
    return this.repeated;
  }
}
