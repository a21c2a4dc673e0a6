import { Injectable } from '@nestjs/common';

import { ParkingLot, RequestStates, Rounds } from '../../bridge/index.js';
import type { McpReply } from '../../core/message.js';
import { Holders } from '../holder/holders.js';
import { LogLevels } from '../log-levels.js';
import type { ForwardCall } from './forward-call.js';
import { LegacyForwarding } from './legacy-forwarding.js';
import { ModernForwarding } from './modern-forwarding.js';

/** Forwards what begins or ends in the modern era. From legacy to legacy the router goes straight. */
@Injectable()
export class Forwarder {
  private readonly legacy: LegacyForwarding;
  private readonly modern: ModernForwarding;

  constructor(rounds: Rounds, states: RequestStates, lot: ParkingLot, holders: Holders, levels: LogLevels) {
    this.legacy = new LegacyForwarding(rounds);
    this.modern = new ModernForwarding({ states, lot, holders, levels });
  }

  /** @throws as `LegacyForwarding.forward` and `ModernForwarding.forward` */
  forward(call: ForwardCall): Promise<McpReply> {
    return call.exchange.peer.era === 'modern' ? this.modern.forward(call) : this.legacy.forward(call);
  }
}
