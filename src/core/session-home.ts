import { topic } from './worker-bus.js';

/**
 * Asked of the primary about a session whose worker has gone: who has it now. Whoever asks first has, from then on and
 * until it goes as well. The answer is the id of a worker.
 */
export const SESSION_HOMED = topic<{ readonly sid: string }, string>('session.homed');
