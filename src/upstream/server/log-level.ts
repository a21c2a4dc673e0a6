import type { Clock } from '../../core/clock.js';
import { McpRequest } from '../../core/message.js';
import { readParams } from '../../protocol/index.js';
import type { Channel } from '../channel/channel.js';

const PATIENCE_MS = 5_000;

/** The least severe level that anybody wants of a server: told once, and whenever it is introduced anew. */
export class ServerLogLevel {
  private level: string | undefined;

  constructor(private readonly clock: Clock) {}

  /** @param channel the server as it is connected now, if it is */
  want(level: string, channel: Channel | undefined): void {
    if (level === this.level) return;
    this.level = level;
    if (channel) this.tell(channel);
  }

  tell(channel: Channel): void {
    if (this.level === undefined || channel.peer.capabilities['logging'] === undefined) return;
    const params = readParams(Buffer.from(JSON.stringify({ level: this.level })));
    const asked = channel.ask(new McpRequest('logging/setLevel', params), this.clock.now() + PATIENCE_MS);
    // A server that cannot keep its promise logs as it likes.
    asked.catch(() => undefined);
  }
}
