import { Injectable } from '@nestjs/common';

import { ConfigService } from '../../config/index.js';
import type { AccessControl, Sight } from '../../core/access.js';
import { Events } from '../../core/events.js';
import type { Target } from '../../core/exchange.js';
import type { Principal } from '../../core/principal.js';
import { checkPolicy } from './policy.check.js';
import { PolicySection } from './policy.section.js';
import { RuleSet } from './rule-set.js';

/** The rules of the configuration in force. */
@Injectable()
export class Policies implements AccessControl {
  private current: RuleSet;

  constructor(config: ConfigService, events: Events) {
    const compile = (section: PolicySection): RuleSet =>
      new RuleSet(section, (rule) => events.emit('policy.failed', { rule }));
    this.current = compile(config.get(PolicySection));
    config.addCheck((next) => checkPolicy(next.get(PolicySection)));
    config.changes.subscribe(({ previous, next }) => {
      if (next.changedFrom(previous).includes(PolicySection)) this.current = compile(next.get(PolicySection));
    });
  }

  /** Ask again for every request. */
  get rules(): RuleSet {
    return this.current;
  }

  sightOf(principal: Principal, route: string): Sight | undefined {
    if (this.current.idle) return undefined;
    const view = this.current.viewOf(principal, route);
    return view.seesAll ? undefined : view;
  }

  mayFollow(principal: Principal, route: string, target: Target): boolean {
    if (this.current.idle) return true;
    const view = this.current.viewOf(principal, route);
    const call = {
      principal,
      route,
      method: 'resources/subscribe',
      clientAddress: undefined,
      readArguments: () => ({}),
    };
    return view.judge({ kind: 'resources', target }, call).kind === 'allowed';
  }
}
