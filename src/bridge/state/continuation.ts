import { isObject, type JsonObject } from '../../core/json.js';

/**
 * What a client was handed to come back with, by what is to be done then:
 *
 * - `relayed`: the server that asked goes on, with the state that it gave;
 * - `parked`: the call still runs on a server of the legacy era, and waits for the answers;
 * - `recall`: pages had to be opened; the call is sent anew.
 */
export type Continuation = Relayed | Parked | Recall;

export interface Relayed {
  readonly typ: 'relayed';
  /** Id of the server within its group. Another replica can go on as well. */
  readonly server: string | undefined;
  /** The server's own `requestState`. */
  readonly state: string | undefined;
}

export interface Parked {
  readonly typ: 'parked';
  /** Id of the process that has the call. */
  readonly owner: string;
  /** Id of the call in that process. */
  readonly call: string;
}

export interface Recall {
  readonly typ: 'recall';
  /** Params of each `elicitation/create` that is not answered yet, by key. */
  readonly pages: JsonObject;
}

/** The continuation that a value of our own making is; undefined for anything else. */
export function readContinuation(value: JsonObject): Continuation | undefined {
  const { typ, server, state, owner, call, pages } = value;
  if (typ === 'relayed') return { typ, server: textOf(server), state: textOf(state) };
  if (typ === 'recall') return isObject(pages) ? { typ, pages } : undefined;
  const isParked = typ === 'parked' && typeof owner === 'string' && typeof call === 'string';
  return isParked ? { typ, owner, call } : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
