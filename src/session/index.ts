export { SealingModule } from './sealing.module.js';
export { SealedSession } from './sealed-session.js';
export { PendingInput, type InputPath } from './pending-input.js';
export { nextInputId } from './pending-inputs.js';
export { Session, type Courier, type InFlight } from './session.js';
export { SessionModule } from './session.module.js';
export { SessionSection } from './session.section.js';
export { SessionStore } from './session.store.js';
export type { Voice } from './voice.js';
