import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A hand-made WebSocket frame of a client. What is not said is as it should be. */
export interface Frame {
  readonly opcode: number;
  readonly payload?: string | Buffer;
  readonly fin?: boolean;
  readonly masked?: boolean;
  /** The three reserved bits. */
  readonly reserved?: number;
  /** A length that the payload does not have. */
  readonly length?: number | bigint;
}

export const Opcode = { CONTINUATION: 0, TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const;

export function frame({ opcode, payload = '', fin = true, masked = true, reserved = 0, length }: Frame): Buffer {
  const data = Buffer.from(payload);
  const mask = Buffer.from([1, 2, 3, 4]);
  const head = [(fin ? 0x80 : 0) | (reserved << 4) | opcode];
  const said = BigInt(length ?? data.length);
  const size = said < 126n ? Buffer.from([Number(said)]) : said < 65_536n ? sized(126, 2, said) : sized(127, 8, said);
  size[0]! |= masked ? 0x80 : 0;
  if (!masked) return Buffer.concat([Buffer.from(head), size, data]);
  const scrambled = data.map((byte, at) => byte ^ mask[at % 4]!);
  return Buffer.concat([Buffer.from(head), size, mask, scrambled]);
}

function sized(marker: number, bytes: number, value: bigint): Buffer {
  const hex = value.toString(16).padStart(bytes * 2, '0');
  return Buffer.concat([Buffer.from([marker]), Buffer.from(hex, 'hex')]);
}

/** Code of a close frame, and whatever is wanted behind it. */
export function closeFrame(code?: number, reason: string | Buffer = ''): Buffer {
  const payload = code === undefined ? Buffer.alloc(0) : Buffer.concat([codeBytes(code), Buffer.from(reason)]);
  return frame({ opcode: Opcode.CLOSE, payload });
}

function codeBytes(code: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(code);
  return bytes;
}

/** One end of a WebSocket that knows no manners: bytes out, frames in. */
export class RawWebSocket {
  /** Payloads of the text frames that came. */
  readonly texts: string[] = [];
  pongs = 0;
  pings = 0;
  /** What the gateway closed with. Undefined while it has not. */
  closeCode: number | undefined;
  closed = false;
  private rest: Buffer = Buffer.alloc(0);

  readonly socket: Socket;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('close', () => (this.closed = true));
  }

  /** @param headers more lines for the handshake, each with its end */
  static async open(port: number, headers = 'Sec-WebSocket-Protocol: mcp\r\n'): Promise<RawWebSocket> {
    const socket = connect(port, '127.0.0.1');
    const raw = new RawWebSocket(socket);
    socket.write(handshake(headers));
    const head = await raw.handshaken();
    if (!head.startsWith('HTTP/1.1 101')) throw new Error(head);
    return raw;
  }

  send(...frames: (Frame | Buffer)[]): boolean {
    return this.socket.write(Buffer.concat(frames.map((one) => (Buffer.isBuffer(one) ? one : frame(one)))));
  }

  /** Sends, and waits until there is room for more or the connection is gone. */
  sent(bytes: Buffer): Promise<void> {
    const { socket } = this;
    return new Promise((resolve) => {
      if (socket.destroyed || socket.write(bytes)) {
        setImmediate(resolve);
        return;
      }
      const done = (): void => {
        socket.off('drain', done).off('close', done);
        resolve();
      };
      socket.on('drain', done).on('close', done);
    });
  }

  private async handshaken(): Promise<string> {
    let head = Buffer.alloc(0);
    while (!head.includes('\r\n\r\n')) {
      const [chunk] = (await once(this.socket, 'data')) as [Buffer];
      head = Buffer.concat([head, chunk]);
    }
    const end = head.indexOf('\r\n\r\n') + 4;
    this.read(head.subarray(end));
    this.socket.on('data', (chunk: Buffer) => this.read(chunk));
    return head.toString('latin1', 0, end);
  }

  private read(chunk: Buffer): void {
    this.rest = Buffer.concat([this.rest, chunk]);
    for (;;) {
      const marker = this.rest[1];
      if (marker === undefined) return;
      const extra = marker === 126 ? 2 : marker === 127 ? 8 : 0;
      if (this.rest.length < 2 + extra) return;
      const length = extra === 0 ? marker : Number(`0x${this.rest.toString('hex', 2, 2 + extra)}`);
      const end = 2 + extra + length;
      if (this.rest.length < end) return;
      this.take(this.rest[0]! & 0x0f, this.rest.subarray(2 + extra, end));
      this.rest = this.rest.subarray(end);
    }
  }

  private take(opcode: number, payload: Buffer): void {
    if (opcode === Opcode.TEXT) this.texts.push(payload.toString());
    else if (opcode === Opcode.PONG) this.pongs++;
    else if (opcode === Opcode.PING) this.pings++;
    else if (opcode === Opcode.CLOSE) this.closeCode = payload.length >= 2 ? payload.readUInt16BE() : 1005;
  }
}

export function handshake(headers = '', line = 'GET /mcp HTTP/1.1', host = 'localhost'): string {
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
  const known = headers.toLowerCase();
  const key = known.includes('sec-websocket-key') ? '' : 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
  const version = known.includes('sec-websocket-version') ? '' : 'Sec-WebSocket-Version: 13\r\n';
  return `${line}\r\nHost: ${host}\r\n${upgrade}${key}${version}${headers}\r\n`;
}
