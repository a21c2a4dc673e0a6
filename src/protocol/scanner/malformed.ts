import type { Malformed, MessageId } from '../incoming.js';
import { type RuleName, Violation } from '../rules.js';

/** What is wrong with a message, and with which. Without a stack: whoever floods us with junk would have us take one each time. */
export function malformed(rule: RuleName, detail: string, id?: MessageId): Malformed {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new Violation(rule, detail);
  Error.stackTraceLimit = stackTraceLimit;
  return { kind: 'malformed', error, id };
}
