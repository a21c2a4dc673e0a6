/** Who gathers in one turn of the event loop what is done at its end. */
export interface Gathering {
  /** Never throws. */
  flush(): void;
}

let gatherings: Gathering[] = [];

/** Has it flushed once when this turn of the event loop is over, after whoever asked before. One timer for all. */
export function atTurnEnd(gathering: Gathering): void {
  if (gatherings.length === 0) setImmediate(flush);
  gatherings.push(gathering);
}

function flush(): void {
  const gathered = gatherings;
  gatherings = [];
  for (let at = 0; at < gathered.length; at++) (gathered[at] as Gathering).flush();
}
