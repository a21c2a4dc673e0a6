import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';

import { createServer } from './create-server.ts';

/**
 * Serves the one client at the other end of stdin and stdout, until it closes either.
 *
 * @returns what stops the server: running calls are cancelled, and the process ends by itself
 */
export async function serveStdio(): Promise<() => void> {
  const server = createServer();
  const stop = () => void server.close();

  await server.connect(new StdioServerTransport());
  process.stdin.once('end', stop);
  process.stdout.once('error', stop);
  return stop;
}
