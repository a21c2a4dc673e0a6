import type { Span } from '../../core/json.js';
import { Params, type ParamSpans } from '../../core/message.js';
import { OPEN_BRACE } from './characters.js';
import { PARAMS, Slot } from './member.js';
import { Reader } from './reader.js';

/** The slots of what is read of `params` and its `_meta`, one bit each. */
const OF_PARAMS = -1 << Slot.name;

const READER = new Reader();

/** The `params` that a reader has stepped over, if there are any. */
export function paramsAt(reader: Reader): Params | undefined {
  if (!reader.has(Slot.params)) return undefined;
  return paramsFrom(reader, reader.view(Slot.params), reader.start(Slot.params));
}

/**
 * Params of the gateway's own making, with the spans of what stands in them.
 *
 * @param bytes an object, as `JSON.stringify` writes it
 */
export function readParams(bytes: Buffer): Params {
  READER.begin(bytes);
  if (bytes[0] === OPEN_BRACE) READER.members(1, PARAMS, Number.MAX_SAFE_INTEGER);
  const params = paramsFrom(READER, bytes, 0);
  READER.release();
  return params;
}

function paramsFrom(reader: Reader, bytes: Buffer, origin: number): Params {
  return new Params(bytes, new FoundSpans(reader, origin));
}

/** Spans as a reader noted them, each made when somebody asks: of most messages nobody asks for more than one. */
class FoundSpans implements ParamSpans {
  /** One bit for each slot that was found. */
  private readonly found: number;
  /** Start and end of each of them, in the order of the slots. */
  private readonly places: readonly number[];

  constructor(reader: Reader, origin: number) {
    this.found = reader.found & OF_PARAMS;
    let length = 0;
    for (let rest = this.found; rest !== 0; rest &= rest - 1) length += 2;
    // At its length from the start: an array that grows takes room for many.
    const places = Array<number>(length);
    let at = 0;
    for (let rest = this.found; rest !== 0; rest &= rest - 1) {
      const slot = (31 - Math.clz32(rest & -rest)) as Slot;
      places[at++] = reader.start(slot) - origin;
      places[at++] = reader.end(slot) - origin;
    }
    this.places = places;
  }

  get name(): Span | undefined {
    return this.span(Slot.name);
  }

  get uri(): Span | undefined {
    return this.span(Slot.uri);
  }

  get ref(): Span | undefined {
    return this.span(Slot.ref);
  }

  get cursor(): Span | undefined {
    return this.span(Slot.cursor);
  }

  get arguments(): Span | undefined {
    return this.span(Slot.arguments);
  }

  get requestId(): Span | undefined {
    return this.span(Slot.requestId);
  }

  get token(): Span | undefined {
    return this.span(Slot.token);
  }

  get meta(): Span | undefined {
    return this.span(Slot.meta);
  }

  get taskId(): Span | undefined {
    return this.span(Slot.taskId);
  }

  get task(): Span | undefined {
    return this.span(Slot.task);
  }

  get inputResponses(): Span | undefined {
    return this.span(Slot.inputResponses);
  }

  get requestState(): Span | undefined {
    return this.span(Slot.requestState);
  }

  get protocolVersion(): Span | undefined {
    return this.span(Slot.protocolVersion);
  }

  get clientCapabilities(): Span | undefined {
    return this.span(Slot.clientCapabilities);
  }

  get clientInfo(): Span | undefined {
    return this.span(Slot.clientInfo);
  }

  get logLevel(): Span | undefined {
    return this.span(Slot.logLevel);
  }

  get subscriptionId(): Span | undefined {
    return this.span(Slot.subscriptionId);
  }

  get progressToken(): Span | undefined {
    return this.span(Slot.progressToken);
  }
  private span(slot: Slot): Span | undefined {
    const bit = 1 << slot;
    if ((this.found & bit) === 0) return undefined;
    let at = 0;
    for (let before = this.found & (bit - 1); before !== 0; before &= before - 1) at += 2;
    return [this.places[at] as number, this.places[at + 1] as number];
  }
}
