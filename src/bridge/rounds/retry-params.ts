import type { Params } from '../../core/message.js';
import { members, objectOf } from '../../core/walk.js';
import { readParams } from '../../protocol/index.js';

const OF_A_RETRY: ReadonlySet<string> = new Set(['inputResponses', 'requestState']);
const NOTHING = Buffer.from('{}');

/** What a request brings that is sent again. */
export interface Brought {
  /** JSON of an object: the answers, by key. */
  readonly inputResponses?: string | undefined;
  /** As the server gave it. */
  readonly requestState?: string | undefined;
}

/**
 * The params of a request that is sent again, with what it brings now and nothing of what it brought before. All
 * else stands in them byte for byte.
 */
export function retryParams(params: Params | undefined, { inputResponses, requestState }: Brought): Params {
  const bytes = params?.bytes ?? NOTHING;
  const kept = members(bytes).filter(({ key }) => !OF_A_RETRY.has(key));
  const ours: string[] = [];
  if (inputResponses !== undefined) ours.push(`"inputResponses":${inputResponses}`);
  if (requestState !== undefined) ours.push(`"requestState":${JSON.stringify(requestState)}`);
  return readParams(objectOf(bytes, kept, ours.join(',')));
}
