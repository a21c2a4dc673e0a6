import { isObject, type JsonObject } from '../../core/json.js';
import type { InputRequest } from '../../core/message.js';
import type { Peer } from '../../core/peer.js';
import { readParams } from '../../protocol/index.js';
import { honoured } from '../capabilities.js';
import { shapeElicitation } from './elicitation-params.js';
import { exactBytes, parseExact } from './exact-json.js';
import { shapeSampling } from './sampling-params.js';

/** Params in the words of the client's revision; undefined where it cannot be asked that. */
type Shape = (params: JsonObject, granted: JsonObject, revision: string) => JsonObject | undefined;

interface Kind {
  readonly capability: 'roots' | 'sampling' | 'elicitation';
  readonly shape: Shape;
}

const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['roots/list', { capability: 'roots', shape: (params) => params }],
  ['sampling/createMessage', { capability: 'sampling', shape: shapeSampling }],
  ['elicitation/create', { capability: 'elicitation', shape: shapeElicitation }],
]);

/**
 * A server's question in the words of the client's revision; undefined where that client cannot be asked it,
 * because it did not say that it can or its revision has no word for it. The very same object where there is
 * nothing to change.
 */
export function shapeInput(request: InputRequest, peer: Peer): InputRequest | undefined {
  const kind = KINDS.get(request.method);
  const granted = kind && honoured(peer)[kind.capability];
  if (!kind || !isObject(granted)) return undefined;
  const given = request.params ? parseExact(request.params) : {};
  if (!isObject(given)) return undefined;
  const shaped = kind.shape(given, granted, peer.revision);
  if (shaped === undefined || shaped === given) return shaped && request;
  return request.withParams(readParams(exactBytes(shaped).bytes));
}
