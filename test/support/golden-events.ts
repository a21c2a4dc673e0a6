import type { IncomingMessage } from 'node:http';

import { Mailbox } from './golden-mailbox.ts';

/** One event of a stream, field by field as it stands there. */
export type EventFields = Readonly<Record<string, string>>;

/** The events of a response, as they come; comments are left out. */
export class EventStream {
  readonly events = new Mailbox<EventFields>();
  private rest = '';

  constructor(readonly response: IncomingMessage) {
    response.on('error', () => undefined);
    response.on('data', (chunk) => this.read(String(chunk)));
    response.on('close', () => this.events.fail(new Error('the stream has ended')));
  }

  /** The next event that has a message. */
  async message(): Promise<EventFields> {
    for (;;) {
      const event = await this.events.next();
      if (event['data']) return event;
    }
  }

  private read(text: string): void {
    const blocks = `${this.rest}${text}`.split('\n\n');
    this.rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const lines = block.split('\n').filter((line) => !line.startsWith(':'));
      if (lines.length > 0) this.events.push(Object.fromEntries(lines.map(fieldOf)));
    }
  }
}

function fieldOf(line: string): [string, string] {
  const at = line.indexOf(':');
  return [line.slice(0, at), line.slice(at + 1).replace(/^ /, '')];
}
