import { JsonBytes } from '../../core/json.js';
import { Params } from '../../core/message.js';

/** Characters of a URI that is subscribed to, at most: every subscription keeps it. */
export const LONGEST_URI = 8_192;

/** Where a path is cut, at most, to find what a resource is part of. */
const DEEPEST = 256;
const BOUNDARY = /[/?#]/gu;

/**
 * A URI and every resource that it may be a part of, itself first, then the longest: `a://b/c` is part of
 * `a://b/`, of `a://b` and so on, but not of `a://b/c/d` nor of `a://b/cd`.
 */
export function* wholesOf(uri: string): Iterable<string> {
  if (uri.length <= LONGEST_URI) yield uri;
  const cuts: number[] = [];
  for (const { index } of uri.matchAll(BOUNDARY)) {
    if (index >= LONGEST_URI || cuts.length >= DEEPEST) break;
    cuts.push(index);
  }
  for (const cut of cuts.toReversed()) {
    if (cut + 1 < uri.length) yield uri.slice(0, cut + 1);
    yield uri.slice(0, cut);
  }
}

/** Params of a `notifications/resources/updated` of the gateway's own. */
export function updateOf(uri: string): Params {
  return new Params(JsonBytes.of({ uri }).bytes, {});
}

/** The same params about the same resource under another URI, or the very same when it is not another. */
export function renamedUpdate(params: Params, uri: string): Params {
  if (params.text('uri') === uri) return params;
  const at = params.spans.uri;
  if (!at) return updateOf(uri);
  return new Params(params.spliced([{ at, bytes: Buffer.from(JSON.stringify(uri)) }]), {});
}
