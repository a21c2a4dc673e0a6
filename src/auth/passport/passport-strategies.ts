import { Injectable } from '@nestjs/common';

import { Reception } from '../reception.js';

/**
 * Makes the strategies known to Passport as soon as somebody has to be asked by them. What they are built on takes
 * five megabytes, and most gateways never ask anybody by Passport.
 */
@Injectable()
export class PassportStrategies {
  private loading: Promise<void> | undefined;

  constructor(private readonly reception: Reception) {}

  ready(): Promise<void> {
    return (this.loading ??= this.load());
  }

  private async load(): Promise<void> {
    const { GatewayApiKeyStrategy, GatewayBasicStrategy, GatewayOtherStrategy } = await import('./strategies.js');
    // Each of them enters itself under its name.
    for (const Strategy of [GatewayBasicStrategy, GatewayApiKeyStrategy, GatewayOtherStrategy]) {
      void new Strategy(this.reception);
    }
  }
}
