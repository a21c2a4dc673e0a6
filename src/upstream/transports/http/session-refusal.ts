/** As much of a refusal as is looked at. */
const READ_BYTES = 1_024;

/** The session, by the name of its header or as servers put it in words. */
const NAMES_SESSION = /session[ _-]?id/i;

/**
 * What a server says to a message with a session id. A server that has lost the session must answer 404; some
 * answer 400 and say so in words.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management
 */
export class SessionRefusal {
  private text = '';

  constructor(private readonly status: number) {}

  read(chunk: Buffer): void {
    if (this.text.length < READ_BYTES) this.text += chunk.toString('latin1', 0, READ_BYTES);
  }

  /** To be asked when the whole body was read. */
  get isOfSession(): boolean {
    return this.status === 404 || NAMES_SESSION.test(this.text);
  }
}
