export {
  introduceAll,
  introduceOne,
  isRelayed,
  offers,
  type IntroducedGroup,
  type Introduction,
  type RelayedCapability,
} from './introduction.js';
