import { isObject } from '../core/json.js';
import type { McpRequest } from '../core/message.js';

/** What a completion is asked for: an argument of a prompt, or of a resource template. */
export interface Reference {
  readonly kind: 'prompt' | 'resource';
  /** The name of the prompt, or the URI or URI template. */
  readonly text: string;
}

/** The reference of a `completion/complete` request, when it has a well-formed one. */
export function referenceOf({ params }: McpRequest): Reference | undefined {
  const ref = params?.read('ref');
  if (!isObject(ref)) return undefined;
  const { type, name, uri } = ref;
  if (type === 'ref/prompt' && typeof name === 'string') return { kind: 'prompt', text: name };
  if (type === 'ref/resource' && typeof uri === 'string') return { kind: 'resource', text: uri };
  return undefined;
}
