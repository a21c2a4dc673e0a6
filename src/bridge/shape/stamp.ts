import type { Implementation } from '../../core/peer.js';
import { CLOSE_BRACE, COMMA, OPEN_BRACE, QUOTE, skipSpace } from '../../core/walk.js';
import { Word } from '../../core/word.js';
import { SERVER_INFO } from '../../protocol/index.js';

const RESULT_TYPE = new Word('"resultType"', 'T');
const META = new Word('"_meta"', '_');
/** How a letter of a key may be written as well. */
const ESCAPE = new Word('\\u', '\\');
/** How modern servers begin their results, as a rule. */
const COMPLETE = Buffer.from('{"resultType":"complete"');

/** The same for every reply of a gateway: made once. */
const SIGNATURES = new WeakMap<Implementation, string>();
const STAMPS = new WeakMap<Implementation, Buffer>();

/** The member of `_meta` that names who answers. */
export function signatureOf(self: Implementation): string {
  let signature = SIGNATURES.get(self);
  if (signature === undefined) {
    const { name, version } = self;
    SIGNATURES.set(self, (signature = `"${SERVER_INFO}":${JSON.stringify({ name, version })}`));
  }
  return signature;
}

/** The brace and the first members of a complete result that is not kept. */
export function plainStamp(self: Implementation): Buffer {
  let stamp = STAMPS.get(self);
  if (!stamp) STAMPS.set(self, (stamp = Buffer.from(`{"resultType":"complete","_meta":{${signatureOf(self)}}`)));
  return stamp;
}

/**
 * The result behind these first members. Undefined where what they say may stand in it once more, or something in
 * their place: that is for whoever walks through it.
 */
export function withStamp(stamp: Buffer, bytes: Buffer): Buffer | undefined {
  const first = ownMembers(bytes);
  if (first === undefined) return undefined;
  const at = stamp.length;
  if (bytes[first] !== QUOTE) return Buffer.concat([stamp, bytes.subarray(first)]);
  const whole = Buffer.allocUnsafe(at + 1 + bytes.length - first);
  whole.set(stamp, 0);
  whole[at] = COMMA;
  whole.set(bytes.subarray(first), at + 1);
  return whole;
}

/** Where the members begin that are not stamped; where the closing brace stands, if there are none. */
function ownMembers(bytes: Buffer): number | undefined {
  const end = bytes.length - 1;
  if (bytes[0] !== OPEN_BRACE || bytes[end] !== CLOSE_BRACE || skipSpace(bytes, end - 1) !== end - 1) return undefined;
  const type = RESULT_TYPE.at(bytes);
  const start = type < 0 ? 1 : afterType(bytes, type);
  if (start < 0 || META.isIn(bytes) || ESCAPE.isIn(bytes)) return undefined;
  const first = skipSpace(bytes, start);
  return bytes[first] === QUOTE || first === end ? first : undefined;
}

/** Behind a type that stands first, plainly, and nowhere else; -1 otherwise. */
function afterType(bytes: Buffer, type: number): number {
  if (type !== 1 || bytes.length <= COMPLETE.length) return -1;
  if (bytes.compare(COMPLETE, 0, COMPLETE.length, 0, COMPLETE.length) !== 0) return -1;
  if (RESULT_TYPE.at(bytes, COMPLETE.length) >= 0) return -1;
  return bytes[COMPLETE.length] === COMMA ? COMPLETE.length + 1 : COMPLETE.length;
}
