import type { AuthSection } from './auth.section.js';
import { ANONYMOUS_METHOD } from './method-choice.js';

/** Whether nobody comes in on any route without saying who they are. */
export function isEverybodyAsked({ enabled, methods, routes }: AuthSection): boolean {
  const lists = [methods, ...Object.values(routes).map((route) => route.methods)];
  return enabled && !lists.flat().includes(ANONYMOUS_METHOD);
}
