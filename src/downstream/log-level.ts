import type { InterimNotification } from '../core/message.js';
import { compareLogLevels, isLogLevel } from '../protocol/index.js';

/**
 * Whether a log message is severe enough for a downstream. One that never said what it wants gets `info`
 * and above; a message without a known level always passes.
 */
export function isLogWanted({ params }: InterimNotification, wanted = 'info'): boolean {
  const level = params?.object()['level'];
  return !isLogLevel(level) || !isLogLevel(wanted) || compareLogLevels(level, wanted) >= 0;
}
