export { BridgeModule } from './bridge.module.js';
export { honoured, profileOf } from './capabilities.js';
export {
  introduceAll,
  introduceOne,
  isRelayed,
  offers,
  type IntroducedGroup,
  type Introduction,
  type RelayedCapability,
} from './introduction.js';
export type { Sending } from './parking/parked-call.js';
export { ParkingLot } from './parking/parking-lot.js';
export { shapeInput } from './shape/shape-input.js';
export { completeReply } from './shape/complete-reply.js';
export { shapeReply } from './shape/shape-reply.js';
export type { Continuation, Parked, Recall, Relayed } from './state/continuation.js';
export { RequestStates, STATE_TTL, type StateOwner } from './state/request-states.js';
export {
  isInputRequired,
  readInputRequired,
  type AskingResult,
  type InputRequired,
  type KeyedRequest,
} from './rounds/input-required.js';
export { askForPages, pagesWanted, readRecall } from './rounds/recall.js';
export { missingCapabilities } from './rounds/required-capability.js';
export { retryParams, type Brought } from './rounds/retry-params.js';
export { Rounds, type RoundCall } from './rounds/rounds.js';
export { SteadyProgress } from './rounds/steady-progress.js';
export { unfulfilled } from './rounds/unfulfilled.js';
