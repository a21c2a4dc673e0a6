import { ChunkedBody } from './chunked-body.js';
import type { Framing } from './framing.js';
import { LineBuffer } from './line-buffer.js';
import { ResponseFault } from './response-fault.js';
import { readHead } from './response-head.js';

/** Interim responses before one that is final. */
const MAX_INTERIM = 16;

/** Who hears what a response consists of. */
export interface ParserListener {
  head(head: Framing): void;
  /** @param chunk to be read during the call only */
  data(chunk: Buffer): void;
}

/**
 * Reads one response in whatever pieces it comes, strictly: nothing that anybody could understand in another way is
 * taken.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112
 */
export class ResponseParser {
  /** Nothing more is read until this is false again. */
  held = false;
  /** How the response is framed, once its head was read. */
  framing: Framing | undefined;
  private readonly lines = new LineBuffer();
  private chunks: ChunkedBody | undefined;
  /** Bytes of the body that are still to come, where that is known. */
  private left = 0;
  private interim = 0;
  private over = false;

  constructor(private readonly listener: ParserListener) {}

  /** Whether all of the response was read. */
  get isOver(): boolean {
    return this.over;
  }

  /**
   * Reads on.
   *
   * @returns where it has stopped: at the end of the response, or where it is held
   * @throws ResponseFault
   */
  read(bytes: Buffer, from: number): number {
    let at = from;
    while (at < bytes.length && !this.over && !this.held) {
      if (!this.framing) at = this.readHead(bytes, at);
      else if (this.chunks) at = this.readChunk(this.chunks, bytes, at);
      else at = this.readPlain(this.framing, bytes, at);
    }
    return at;
  }

  /** The connection has ended. @throws ResponseFault where the response has not */
  finish(): void {
    if (this.over) return;
    if (!this.framing?.endsWithConnection) throw new ResponseFault('the connection ended before the response');
    this.over = true;
  }

  /** Whatever comes now is the next response. */
  reset(): void {
    this.held = this.over = false;
    this.framing = this.chunks = undefined;
    this.interim = this.left = 0;
  }

  private readHead(bytes: Buffer, from: number): number {
    const text = this.lines.take(bytes, from);
    if (text === undefined) return bytes.length;
    const framing = readHead(text);
    if (framing.status < 200) {
      this.pass(framing);
      return this.lines.next;
    }
    this.framing = framing;
    if (framing.isChunked && !framing.isBare) this.chunks = new ChunkedBody();
    this.left = framing.length ?? 0;
    this.over = framing.isBare || framing.length === 0;
    this.listener.head(framing);
    return this.lines.next;
  }

  private pass({ status, idleMs }: Framing): void {
    // Nobody has asked for another protocol, and nothing can follow on a connection that is over.
    if (status === 101 || idleMs === 0 || this.interim++ === MAX_INTERIM) {
      throw new ResponseFault('an interim response too many');
    }
  }

  private readChunk(chunks: ChunkedBody, bytes: Buffer, from: number): number {
    const data = chunks.read(bytes, from);
    this.over = chunks.isOver;
    if (data) this.listener.data(data);
    return chunks.next;
  }

  private readPlain({ length }: Framing, bytes: Buffer, from: number): number {
    if (length === undefined) {
      this.listener.data(bytes.subarray(from));
      return bytes.length;
    }
    const end = Math.min(bytes.length, from + this.left);
    this.left -= end - from;
    this.over = this.left === 0;
    this.listener.data(bytes.subarray(from, end));
    return end;
  }
}
