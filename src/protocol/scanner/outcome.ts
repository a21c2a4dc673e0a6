/** Returned in place of a position: what stands there is not JSON. */
export const BROKEN = -1;
/** Returned in place of a position: containers nest deeper than there is room for. */
export const TOO_DEEP = -2;
/** Returned in place of a position: an object has more members than are allowed. */
export const TOO_MANY = -3;
