export { cancelledParams, cancelledReason, cancelledRequest } from './cancellation.js';
export { codecFor } from './codecs/index.js';
export { notificationFrame, NULL_ID, oneLine, replyFrame, requestFrame } from './frames.js';
export type {
  Incoming,
  IncomingBatch,
  IncomingNotification,
  IncomingReply,
  IncomingRequest,
  Malformed,
  ScanLimits,
} from './incoming.js';
export { compareLogLevels, isLogLevel, LOG_LEVELS, type LogLevel } from './log-level.js';
export { METHODS } from './methods.js';
export { LIST_CHANGES, TASK_STATUS } from './notifications.js';
export { checkParams } from './params.js';
export { notifiedToken, requestedToken, withToken } from './progress.js';
export { refusal } from './refusals.js';
export { isKnownMethod, revisionOf, REVISIONS } from './revisions/index.js';
export { type RuleName, RULES, Violation } from './rules.js';
export { readParams } from './scanner/params.js';
export { scan } from './scanner/scan.js';
export { referenceOf, subjectOf } from './subject.js';
