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
export { shapeInput } from './shape/shape-input.js';
export { shapeReply } from './shape/shape-reply.js';
