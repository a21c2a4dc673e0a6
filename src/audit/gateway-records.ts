import { Inject, Injectable } from '@nestjs/common';

import { CLOCK, type Clock } from '../core/clock.js';
import { displayText } from '../core/display-text.js';
import { type AdminAct, type AuthDecision, Events, type GatewayEvents } from '../core/events.js';
import type { Principal } from '../core/principal.js';
import { outcomeOf } from './audit-entry.js';
import { AuditLog } from './audit-log.js';
import { Sampler } from './sampler.js';

/** Records what is recorded whoever did it: logins, administration, limits, tools that changed, configurations. */
@Injectable()
export class GatewayRecords {
  /** Principals whose login was recorded. There is one object for one credential. */
  private readonly granted = new WeakSet<Principal>();
  private readonly samples: Sampler;

  constructor(
    private readonly events: Events,
    private readonly log: AuditLog,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.samples = new Sampler(clock);
  }

  /** Begins to listen. Returns how to stop. */
  listen(): readonly (() => void)[] {
    const { events } = this;
    return [
      events.on('auth.decided', (decision) => this.onAuth(decision)),
      events.on('admin.acted', (act) => this.onAdmin(act)),
      events.on('rate.exceeded', (event) => this.onRate(event)),
      events.on('tool.drifted', (event) => this.onDrift(event)),
      events.on('config.applied', ({ generation, changed }) =>
        this.log.record({ event: 'config.applied', outcome: 'ok', detail: { generation, changed } }),
      ),
      events.on('config.rejected', ({ problems }) =>
        this.log.record({
          event: 'config.rejected',
          outcome: 'refused',
          // What is wrong with it may be told by a value: only where it is.
          detail: { problems: problems.length, keys: problems.slice(0, 16).map(({ key }) => displayText(key)) },
        }),
      ),
    ];
  }

  private onAuth({ outcome, method, why, principal, route, clientAddress, requestId }: AuthDecision): void {
    if (outcome === 'granted' && !this.isNew(principal)) return;
    const untold = outcome === 'throttled' ? this.samples.take(`auth ${clientAddress}`) : 0;
    if (untold === undefined) return;
    this.log.record({
      event: 'auth.decided',
      principal,
      action: method,
      route,
      clientAddress,
      requestId,
      outcome: outcome === 'granted' ? 'ok' : 'refused',
      reason: outcome === 'throttled' ? 'throttled' : why,
      detail: untold > 0 ? { untold } : undefined,
    });
  }

  private onAdmin({ principal, action, object, clientAddress, requestId, status, writes }: AdminAct): void {
    const outcome = outcomeOf(status, undefined);
    if (!writes && outcome !== 'refused') return;
    this.log.record({ event: 'admin.acted', principal, action, object, clientAddress, requestId, outcome, status });
  }

  private onRate({ scope, route }: GatewayEvents['rate.exceeded']): void {
    const untold = this.samples.take(`rate ${scope} ${route}`);
    if (untold === undefined) return;
    const detail = untold > 0 ? { untold } : undefined;
    this.log.record({ event: 'rate.exceeded', route, outcome: 'refused', reason: scope, detail });
  }

  private onDrift({ group, tool, change, action }: GatewayEvents['tool.drifted']): void {
    this.log.record({ event: 'tool.drifted', object: tool, group, reason: change, detail: { action } });
  }

  private isNew(principal: Principal | undefined): boolean {
    if (!principal || principal.method === 'anonymous' || this.granted.has(principal)) return false;
    this.granted.add(principal);
    return true;
  }
}
