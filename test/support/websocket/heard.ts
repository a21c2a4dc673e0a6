import { isUtf8 } from 'node:buffer';

import { CloseCode } from '../../../src/protocol/index.js';
import type { FrameListener } from '../../../src/protocol/websocket/frame-listener.js';

/** Writes down what frames say, and takes text as whoever reads messages does. */
export class Heard implements FrameListener {
  readonly said: string[] = [];
  onMessage: () => void = () => undefined;
  private over = false;

  static wording({ opcode, payload }: { opcode: number; payload: Buffer }): string {
    // A pong's payload means nothing to us.
    return opcode === 10 ? 'pong' : `${opcode} ${payload.toString('hex')}`;
  }

  message(data: Buffer, isText: boolean): void {
    if (isText && this.checked && !isUtf8(data)) return this.violated(CloseCode.NOT_TEXT);
    this.say(Heard.wording({ opcode: isText ? 1 : 2, payload: data }));
    this.onMessage();
  }

  ping(data: Buffer): void {
    this.say(Heard.wording({ opcode: 9, payload: data }));
  }

  pong(): void {
    this.say('pong');
  }

  closing(code: number, reason: Buffer): void {
    this.say(`closes with ${code} ${reason.toString('hex')}`);
  }

  violated(code: number): void {
    this.say(`is refused with ${code}`);
    this.over = true;
  }

  constructor(private readonly checked = false) {}

  private say(words: string): void {
    if (!this.over) this.said.push(words);
  }
}
