export { SealedSession } from './sealed-session.js';
export { Session, type InFlight } from './session.js';
export { SessionModule } from './session.module.js';
export { SessionSection } from './session.section.js';
export { SessionStore } from './session.store.js';
