import { isObject, type JsonObject } from '../../core/json.js';

/**
 * Whether a client did not declare all of what is required: each capability, and each member that is named of it.
 * Forms are what elicitation is when nothing else is said of it.
 */
export function lacks(declared: JsonObject, required: JsonObject): boolean {
  return Object.entries(required).some(([capability, members]) => {
    const given = declared[capability];
    if (!isObject(given)) return true;
    if (!isObject(members)) return false;
    const isBare = capability === 'elicitation' && given['form'] === undefined && given['url'] === undefined;
    return Object.keys(members).some((member) => given[member] === undefined && !(isBare && member === 'form'));
  });
}
