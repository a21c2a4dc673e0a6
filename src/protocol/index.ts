export { cancelledParams, cancelledReason, cancelledRequest } from './cancellation.js';
export { classify } from './classify.js';
export { codecFor, type Codec, type Sender } from './codecs/index.js';
export { claimsModern, readEnvelope, unsupported, type Envelope } from './envelope.js';
export { notificationFrame, NULL_ID, oneLine, replyFrame, requestFrame } from './frames.js';
export { ReplyFrame } from './reply-frame.js';
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
export { ENVELOPE, SERVER_INFO, SUBSCRIPTION_ID, TASKS_EXTENSION, UI_EXTENSION } from './meta-keys.js';
export { METHODS } from './methods.js';
export {
  mirrorHeaders,
  mirrorProblem,
  mirrorRules,
  type MirrorRules,
  modernHeaderProblem,
  modernHeaders,
  sentMirrors,
} from './mirror/index.js';
export { ACKNOWLEDGED, LIST_CHANGES, TASK_CHANGED, TASK_STATUS } from './notifications.js';
export { checkParams } from './params.js';
export { notifiedToken, requestedToken, withToken } from './progress.js';
export { refusal } from './refusals.js';
export {
  ALL_VERSIONS,
  isKnownMethod,
  isModern,
  LATEST_LEGACY,
  LATEST_MODERN,
  MODERN_VERSIONS,
  revisionOf,
  REVISIONS,
} from './revisions/index.js';
export { type RuleName, RULES, Violation } from './rules.js';
export { readParams } from './scanner/params.js';
export { scan } from './scanner/scan.js';
export { referenceOf, subjectOf } from './subject.js';
export { CloseCode } from './websocket/close-code.js';
export type { FrameSocketListener } from './websocket/frame-listener.js';
export { FrameSocket, type FrameSocketOptions } from './websocket/frame-socket.js';
