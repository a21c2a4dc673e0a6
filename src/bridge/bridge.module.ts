import { Module } from '@nestjs/common';

import { ParkingLot } from './parking/parking-lot.js';
import { Rounds } from './rounds/rounds.js';
import { RequestStates } from './state/request-states.js';

/** What carries a call over from one era into the other. */
@Module({ providers: [RequestStates, Rounds, ParkingLot], exports: [RequestStates, Rounds, ParkingLot] })
export class BridgeModule {}
