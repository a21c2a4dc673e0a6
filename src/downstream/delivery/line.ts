import { Agent, type IncomingMessage, request as open } from 'node:http';
import { pipeline } from 'node:stream';

import type { HttpRequest, HttpResponse } from '../http/http-message.js';
import { LaneRequest } from '../http/lane/lane-request.js';
import type { LinePaths } from './line-paths.js';
import { WAYBILL, type Waybills } from './waybill.js';

/** How long another worker may take to say that it has a request. Milliseconds. */
const TAKEN_WITHIN_MS = 10_000;
/** Headers that are about one connection, or are said anew. */
const OWN: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'date',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  WAYBILL,
]);

/** What became of a request that was handed to another worker: it is being answered, nobody has it, or nobody knows. */
export type Outcome = 'answered' | 'unsent' | 'lost';

/** An HTTP exchange, and what was read of it. */
export interface Handed {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  /** Undefined where nothing was read yet: what comes is passed on as it comes. */
  readonly body: Buffer | undefined;
}

const ignore = (): void => undefined;

/**
 * The way to another worker: hands it whole HTTP exchanges, and its answers to the clients, no faster than either side
 * takes them. Whoever leaves is missed by the other.
 */
export class Line {
  // A connection is closed by whoever ends, and by nobody else: none is used that the other side gives up meanwhile.
  private readonly agent = new Agent({ keepAlive: true, maxFreeSockets: 64 });

  constructor(
    private readonly worker: string,
    private readonly paths: LinePaths,
    private readonly waybills: Waybills,
  ) {}

  /** Settles as soon as an answer begins, or there will be none. Never rejects. */
  hand({ request, response, body }: Handed): Promise<Outcome> {
    return new Promise((resolve) => {
      const sent = open({
        agent: this.agent,
        socketPath: this.paths.of(this.worker),
        method: request.method,
        path: request.url,
        headers: this.headersFor(request, body),
      });
      // Whether it may have begun to do what it was asked: it says so the moment that it has a request. What is passed
      // on as it comes cannot be sent again in any case.
      let mayHaveBegun = false;
      const begin = (): void => {
        if (body) return void sent.end(body);
        mayHaveBegun = true;
        if (request instanceof LaneRequest) return request.read((whole) => void sent.end(whole));
        // Its end is that of the response.
        pipeline(request, sent, ignore);
      };
      const give = (outcome: Outcome): void => {
        clearTimeout(late);
        response.off('close', left);
        resolve(outcome);
      };
      const left = (): void => void sent.destroy();
      const late = setTimeout(() => {
        // It may come to it yet.
        mayHaveBegun = true;
        left();
      }, TAKEN_WITHIN_MS).unref();
      response.once('close', left);
      sent.once('socket', (socket) => (socket.connecting ? socket.once('connect', begin) : begin()));
      sent.once('information', () => {
        mayHaveBegun = true;
        clearTimeout(late);
      });
      sent.once('response', (answer) => {
        give('answered');
        answerWith(answer, response);
      });
      sent.on('error', ignore);
      sent.once('close', () => give(mayHaveBegun ? 'lost' : 'unsent'));
    });
  }

  close(): void {
    this.agent.destroy();
  }

  private headersFor(request: HttpRequest, body: Buffer | undefined): string[] {
    const headers = passedOn(request.rawHeaders);
    headers.push(WAYBILL, this.waybills.write(request, this.worker));
    const { 'content-length': length, 'transfer-encoding': coding } = request.headers;
    if (body) headers.push(...(request.method === 'POST' ? ['content-length', String(body.length)] : []));
    else if (length !== undefined) headers.push('content-length', length);
    else if (coding !== undefined) headers.push('transfer-encoding', 'chunked');
    return headers;
  }
}

function passedOn(raw: readonly string[]): string[] {
  const headers: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? '';
    if (!OWN.has(name.toLowerCase())) headers.push(name, raw[at + 1] ?? '');
  }
  return headers;
}

function answerWith(answer: IncomingMessage, response: HttpResponse): void {
  const { headers, statusCode = 502 } = answer;
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !OWN.has(name)) response.setHeader(name, value);
  }
  if (headers['content-length'] !== undefined) response.setHeader('content-length', headers['content-length']);
  response.writeHead(statusCode);
  // Whoever listens waits for the first byte.
  if (headers['content-type']?.startsWith('text/event-stream')) response.flushHeaders();
  // A stream that breaks off there breaks off here; a client that leaves here has left there.
  pipeline(answer, response as unknown as NodeJS.WritableStream, ignore);
}
