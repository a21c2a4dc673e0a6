import type { McpReply } from '../core/message.js';

const START = Buffer.from('{"jsonrpc":"2.0"');
const START_WITH_ID = Buffer.from('{"jsonrpc":"2.0","id":');
const KINDS = { result: Buffer.from(',"result":'), error: Buffer.from(',"error":') } as const;
const END = Buffer.from('}');
const NOTHING = Buffer.alloc(0);

/** A reply as the pieces that it is made of: it is put together where it is written, so that its body is copied once at most. */
export class ReplyFrame {
  /** Of all of it. Bytes. */
  readonly length: number;

  private constructor(
    private readonly start: Buffer,
    private readonly id: Buffer,
    private readonly member: Buffer,
    /** Nearly all of it, when it is long. Must not be changed. */
    readonly body: Buffer,
    private readonly end: Buffer,
  ) {
    this.length = start.length + id.length + member.length + body.length + end.length;
  }

  /**
   * @param id as the asker spelled it; undefined for an error that belongs to no request, on wires that many requests
   * share
   */
  static of(id: Buffer | undefined, { kind, json }: McpReply): ReplyFrame {
    return new ReplyFrame(id ? START_WITH_ID : START, id ?? NOTHING, KINDS[kind], json.bytes, END);
  }

  /** Something that is in one piece already, such as the replies of a batch. */
  static whole(bytes: Buffer): ReplyFrame {
    return new ReplyFrame(NOTHING, NOTHING, NOTHING, bytes, NOTHING);
  }

  /** Made when it is asked for. */
  get bytes(): Buffer {
    if (this.body.length === this.length) return this.body;
    const bytes = Buffer.allocUnsafe(this.length);
    this.write(bytes, 0);
    return bytes;
  }

  /** Returns the position after it, as all that write. */
  write(to: Buffer, start: number): number {
    const at = this.writeLead(to, start);
    to.set(this.body, at);
    return this.writeEnd(to, at + this.body.length);
  }

  /** What stands before the body. */
  writeLead(to: Buffer, start: number): number {
    const idAt = start + this.start.length;
    const memberAt = idAt + this.id.length;
    to.set(this.start, start);
    to.set(this.id, idAt);
    to.set(this.member, memberAt);
    return memberAt + this.member.length;
  }

  /** What stands behind it. */
  writeEnd(to: Buffer, at: number): number {
    to.set(this.end, at);
    return at + this.end.length;
  }
}
