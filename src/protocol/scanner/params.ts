import type { Span } from '../../core/json.js';
import { Params, type ParamSpans } from '../../core/message.js';
import { OPEN_BRACE } from './lexer.js';
import { PARAMS, Slot } from './member.js';
import { Reader } from './reader.js';

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
  const reader = new Reader(bytes);
  if (bytes[0] === OPEN_BRACE) reader.members(1, PARAMS, Number.MAX_SAFE_INTEGER);
  return paramsFrom(reader, bytes, 0);
}

function paramsFrom(reader: Reader, bytes: Buffer, origin: number): Params {
  return new Params(bytes, new FoundSpans(reader, origin));
}

/** Spans as a reader noted them, each made when somebody asks: of most messages nobody asks for more than one. */
class FoundSpans implements ParamSpans {
  constructor(
    private readonly reader: Reader,
    private readonly origin: number,
  ) {}

  get name(): Span | undefined {
    return this.reader.span(Slot.name, this.origin);
  }

  get uri(): Span | undefined {
    return this.reader.span(Slot.uri, this.origin);
  }

  get ref(): Span | undefined {
    return this.reader.span(Slot.ref, this.origin);
  }

  get cursor(): Span | undefined {
    return this.reader.span(Slot.cursor, this.origin);
  }

  get arguments(): Span | undefined {
    return this.reader.span(Slot.arguments, this.origin);
  }

  get requestId(): Span | undefined {
    return this.reader.span(Slot.requestId, this.origin);
  }

  get token(): Span | undefined {
    return this.reader.span(Slot.token, this.origin);
  }

  get meta(): Span | undefined {
    return this.reader.span(Slot.meta, this.origin);
  }

  get taskId(): Span | undefined {
    return this.reader.span(Slot.taskId, this.origin);
  }

  get task(): Span | undefined {
    return this.reader.span(Slot.task, this.origin);
  }

  get inputResponses(): Span | undefined {
    return this.reader.span(Slot.inputResponses, this.origin);
  }

  get requestState(): Span | undefined {
    return this.reader.span(Slot.requestState, this.origin);
  }

  get protocolVersion(): Span | undefined {
    return this.reader.span(Slot.protocolVersion, this.origin);
  }

  get clientCapabilities(): Span | undefined {
    return this.reader.span(Slot.clientCapabilities, this.origin);
  }

  get clientInfo(): Span | undefined {
    return this.reader.span(Slot.clientInfo, this.origin);
  }

  get logLevel(): Span | undefined {
    return this.reader.span(Slot.logLevel, this.origin);
  }

  get subscriptionId(): Span | undefined {
    return this.reader.span(Slot.subscriptionId, this.origin);
  }

  get progressToken(): Span | undefined {
    return this.reader.span(Slot.progressToken, this.origin);
  }
}
