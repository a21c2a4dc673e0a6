import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/*
 * While a gateway starts, everything that it makes stays. V8 draws two conclusions from that, and keeps to
 * them for ever: that what is new needs much room, which costs 25 MB at rest; and that the first hundred
 * exchanges, which it meets in such company, belong among what is old. All later ones would be put there as
 * well, where each waits for a full collection with all that it refers to. Both flags are read whenever V8
 * decides, so they may change while it runs.
 */
setFlagsFromString('--no-allocation-site-pretenuring');
setFlagsFromString('--semi-space-growth-factor=1');

/**
 * The start is over: from now on, room is needed by what is going on. What was made for good is put away first, and the
 * rest thrown out (one collection, of some 30 ms): otherwise what is new would seem to need more room, by chance 10 MB more.
 */
export function letHeapGrow(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (how: { readonly type: 'major' }) => void;
  setFlagsFromString('--no-expose-gc');
  collect({ type: 'major' });
  setFlagsFromString('--semi-space-growth-factor=2');
}
