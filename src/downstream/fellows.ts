import type { IncomingNotification, IncomingReply } from '../protocol/index.js';

/** What is said without waiting for an answer. */
export type Stray = IncomingNotification | IncomingReply;

/** Other workers that serve the same session, for what is about nothing here. */
export interface Fellows {
  /** Whether the session is at home here: what it says to servers is said from there. */
  readonly isHome: boolean;
  /** @param missed called when it is about nothing there either */
  tell(message: Stray, missed: () => void): void;
}
