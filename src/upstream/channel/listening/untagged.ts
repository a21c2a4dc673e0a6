import type { Params } from '../../../core/message.js';
import { members } from '../../../core/walk.js';
import { readParams, SUBSCRIPTION_ID } from '../../../protocol/index.js';

/** The params of a notification without the mark by which a server says for which listen it is. All else is as it was. */
export function untagged(params: Params): Params {
  const { bytes, spans } = params;
  const { meta } = spans;
  if (!spans.subscriptionId || !meta) return params;
  const kept = objectOf(bytes, meta[0], SUBSCRIPTION_ID);
  if (kept !== '{}') return readParams(params.spliced([{ at: meta, bytes: Buffer.from(kept) }]));
  return readParams(Buffer.from(objectOf(bytes, 0, '_meta')));
}

/** The object that begins at `at`, as text, without one of its members. */
function objectOf(bytes: Buffer, at: number, without: string): string {
  const kept = members(bytes, at)
    .filter(({ key }) => key !== without)
    .map(({ key, value }) => `${JSON.stringify(key)}:${bytes.toString('utf8', ...value)}`);
  return `{${kept.join(',')}}`;
}
