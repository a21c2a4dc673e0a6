/** What may be read at most. */
export interface FrameLimits {
  /** Of one message, in however many frames. Bytes. */
  readonly maxBytes: number;
  /** Frames that one message may come in. */
  readonly maxFragments: number;
  /** Pieces that one frame may come in: more of them cost more than they say. */
  readonly maxPieces: number;
}

/** Who hears what the frames say. The bytes are views of what was read; they are the listener's to keep. */
export interface FrameListener {
  /** A whole message. Whether text is UTF-8 was not looked at: whoever reads the message does that. */
  message(data: Buffer, isText: boolean): void;
  ping(data: Buffer): void;
  pong(): void;
  /** The peer says that it is done; nothing is read after it. @param code `NONE` where it gave none */
  closing(code: number, reason: Buffer): void;
  /** The peer broke a rule or a limit; nothing is read after it. @param code to close with */
  violated(code: number): void;
}

/** Who hears what one end of a WebSocket brings. Nothing is heard after `closed`. */
export interface FrameSocketListener extends Pick<FrameListener, 'message' | 'pong'> {
  /** The peer's ping was answered. */
  ping(): void;
  /** The peer did something wrong on the wire and was told so; `closed` follows. */
  violated(): void;
  /** The connection is gone. */
  closed(): void;
}
