/** Why something could not be asked for. */
export type OutboundFault = 'address' | 'refused' | 'unreachable' | 'timeout' | 'too_large';

const SAID: Readonly<Record<OutboundFault, string>> = {
  address: 'the address is not one that can be asked',
  refused: 'the address is not one that may be asked',
  unreachable: 'the address could not be reached',
  timeout: 'there was no answer in time',
  too_large: 'the answer is longer than allowed',
};

/** A request beside the data path that brought no answer. It names no address and no secret. */
export class OutboundFailure extends Error {
  override readonly name = 'OutboundFailure';

  constructor(
    readonly fault: OutboundFault,
    cause?: unknown,
  ) {
    super(SAID[fault], { cause });
  }

  /** Whatever was thrown on the way, as one of these. */
  static from(thrown: unknown): OutboundFailure {
    return thrown instanceof OutboundFailure ? thrown : new OutboundFailure('unreachable', thrown);
  }
}
