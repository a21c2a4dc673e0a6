import type { Pausable } from '../../valve.js';

/** What the head of a response says, as far as anybody wants to know. */
export interface ResponseHead {
  readonly status: number;
  /** `Content-Type`; undefined as well where it stands twice. */
  readonly contentType: string | undefined;
  /** `Mcp-Session-Id`; undefined as well where it stands twice. */
  readonly sessionId: string | undefined;
  /** Bytes of the body, where that is said beforehand. */
  readonly length: number | undefined;
}

/** How a request that was dispatched is held up, or broken off. Does nothing once it is over. */
export interface ResponseControl extends Pausable {
  /** Breaks it off, connection and all: `onResponseError` is called with this reason. */
  abort(reason: Error): void;
}

/** Who hears what becomes of one request. Either `onResponseEnd` or `onResponseError` is called, once and last. */
export interface ResponseListener {
  /** It waits for its turn. Broken off before `onRequestStart`, it leaves no trace. */
  onRequestQueued?(control: ResponseControl): void;
  /** It is about to be written. Unless this was called, nothing of it has left. */
  onRequestStart(control: ResponseControl): void;
  /** The final head: those of interim responses are left out. */
  onResponseStart(control: ResponseControl, head: ResponseHead): void;
  /** @param chunk of the body, to be read during the call only: whatever is kept has to be copied */
  onResponseData(control: ResponseControl, chunk: Buffer): void;
  onResponseEnd(): void;
  onResponseError(control: ResponseControl | undefined, cause: Error): void;
}
