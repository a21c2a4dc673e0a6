import { isObject } from '../core/json.js';
import type { McpRequest, Params } from '../core/message.js';
import { METHODS } from './methods.js';

/** What a completion is asked for: an argument of a prompt, or of a resource template. */
export interface Reference {
  readonly kind: 'prompt' | 'resource';
  /** The name of the prompt, or the URI or URI template. */
  readonly text: string;
}

/** The reference in the params of a `completion/complete`, when there is a well-formed one. */
export function referenceOf(params: Params | undefined): Reference | undefined {
  const ref = params?.read('ref');
  if (!isObject(ref)) return undefined;
  const { type, name, uri } = ref;
  if (type === 'ref/prompt' && typeof name === 'string') return { kind: 'prompt', text: name };
  if (type === 'ref/resource' && typeof uri === 'string') return { kind: 'resource', text: uri };
  return undefined;
}

/**
 * What a request is about, as its sender calls it. The method decides which member says so: params may hold
 * members of the other names as well.
 */
export function subjectOf({ method, params }: McpRequest): string | undefined {
  const namedBy = METHODS.get(method)?.namedBy;
  if (namedBy === undefined) return undefined;
  return namedBy === 'ref' ? referenceOf(params)?.text : params?.text(namedBy);
}
