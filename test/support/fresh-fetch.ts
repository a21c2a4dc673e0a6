import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

const BODILESS: ReadonlySet<number> = new Set([204, 304]);

/** As `fetch`, over a connection of its own for each request: the next one goes to the next worker. */
export async function freshFetch(url: string | URL, init: RequestInit = {}): Promise<Response> {
  const { method = 'GET', body, signal } = init;
  const headers = Object.fromEntries(new Headers(init.headers));
  const sent = request(url, { method, headers, agent: false, signal: signal ?? undefined });
  sent.end(body as string | undefined);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const status = answer.statusCode ?? 0;
  answer.on('error', () => undefined);
  const stream = BODILESS.has(status) ? null : (Readable.toWeb(answer) as ReadableStream<Uint8Array>);
  return new Response(stream, { status, headers: answer.headers as Record<string, string> });
}
