import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import type { Credentials } from '../../auth/index.js';
import type { LinePaths } from './line-paths.js';
import type { Waybills } from './waybill.js';

/** Of a request, waybill and certificate included, in bytes. */
const MAX_HEADER_BYTES = 64 * 1_024;
/** Leaves 0600. */
const OWNER_ONLY = 0o177;
/** How long the last answers may take to leave. Milliseconds. */
const CLOSE_GRACE_MS = 2_000;

/** Takes what another worker has handed over. @param shown what the client has shown to be let in */
export type Take = (request: IncomingMessage, response: ServerResponse, shown: Credentials) => void;

/** Where this worker takes what others hand over: a socket of its own, which no client can reach. */
export class LineListener {
  private readonly server: Server;

  constructor(
    private readonly worker: string,
    private readonly paths: LinePaths,
    waybills: Waybills,
    take: Take,
  ) {
    const bounds = { maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 };
    this.server = createServer(bounds, (request, response) => {
      const shown = waybills.read(request);
      if (!shown) {
        request.socket.destroy();
        return;
      }
      // Whoever handed it over wants to know that somebody has it, however long the answer takes.
      response.writeProcessing();
      take(request, response, shown);
    });
  }

  async listen(): Promise<void> {
    this.paths.prepare();
    const listening = once(this.server, 'listening');
    const before = process.umask(OWNER_ONLY);
    try {
      this.server.listen({ path: this.paths.of(this.worker), exclusive: true });
    } finally {
      process.umask(before);
    }
    await listening;
  }

  /** Takes nothing any more; what is under way may still end. */
  close(): void {
    this.server.close();
    this.paths.remove(this.worker);
    this.server.closeIdleConnections();
    setTimeout(() => this.server.closeAllConnections(), CLOSE_GRACE_MS).unref();
  }
}
