import { splice, type Splice } from '../../core/json.js';
import { members } from '../../core/walk.js';
import { SUBSCRIPTION_ID } from '../../protocol/index.js';

const KEY = JSON.stringify(SUBSCRIPTION_ID);
const OPEN_BRACE = 0x7b;

/**
 * Params or a result with the id of a listen in `_meta`, in the place of any that was there. Everything else is
 * untouched.
 *
 * @param bytes an object; undefined for none
 * @param id of the request that opened the listen, as its client spelled it
 */
export function tagged(bytes: Buffer | undefined, id: Buffer): Buffer {
  const member = `${KEY}:${id.toString()}`;
  if (!bytes) return Buffer.from(`{"_meta":{${member}}}`);
  const all = members(bytes);
  const meta = all.findLast(({ key }) => key === '_meta')?.value;
  if (!meta) return splice(bytes, [inserted(bytes, 0, all.length > 0, `"_meta":{${member}}`)]);
  // No other kind of value means anything there.
  if (bytes[meta[0]] !== OPEN_BRACE) return splice(bytes, [{ at: meta, bytes: Buffer.from(`{${member}}`) }]);
  const inside = members(bytes, meta[0]);
  const others = inside.filter(({ key }) => key === SUBSCRIPTION_ID);
  if (others.length === 0) return splice(bytes, [inserted(bytes, meta[0], inside.length > 0, member)]);
  return splice(
    bytes,
    others.map(({ value }) => ({ at: value, bytes: id })),
  );
}

/** A new first member for the object that begins at `at`, or at the first brace behind it. */
function inserted(bytes: Buffer, at: number, hasMore: boolean, member: string): Splice {
  const start = bytes.indexOf(OPEN_BRACE, at) + 1;
  return { at: [start, start], bytes: Buffer.from(hasMore ? `${member},` : member) };
}
