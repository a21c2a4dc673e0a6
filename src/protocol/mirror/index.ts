export { mirrorHeaders, mirrorProblem, sentMirrors } from './arguments.js';
export { mirrorRules, type MirrorRules } from './rules.js';
export { modernHeaderProblem, modernHeaders } from './standard.js';
