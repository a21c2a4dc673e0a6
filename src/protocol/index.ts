export { cancelledParams, cancelledRequest } from './cancellation.js';
export { type Codec, codecFor, type HandshakeCodec, type SelfDescription } from './codecs/index.js';
export { notificationFrame, NULL_ID, oneLine, replyFrame, requestFrame } from './frames.js';
export type {
  Incoming,
  IncomingBatch,
  IncomingNotification,
  IncomingReply,
  IncomingRequest,
  Malformed,
  MessageId,
  ScanLimits,
} from './incoming.js';
export { compareLogLevels, isLogLevel, LOG_LEVELS, type LogLevel } from './log-level.js';
export { type Method, METHODS, SERVER_METHODS, type ServerMethod } from './methods.js';
export { LIST_CHANGES, NOTIFICATIONS } from './notifications.js';
export { checkParams } from './params.js';
export { notifiedToken, requestedToken, withToken } from './progress.js';
export { refusal } from './refusals.js';
export { isKnownMethod, LATEST_LEGACY, negotiate, type Revision, revisionOf, REVISIONS } from './revisions/index.js';
export { readParams } from './scanner/params.js';
export { scan } from './scanner/scan.js';
