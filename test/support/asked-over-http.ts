import { until } from './until.js';
import type {
  ResponseControl,
  ResponseHead,
  ResponseListener,
} from '../../src/upstream/transports/http/client/response-listener.js';

/** Remembers what became of one request. */
export class Asked implements ResponseListener {
  started = 0;
  control: ResponseControl | undefined;
  head: ResponseHead | undefined;
  body = '';
  ended = 0;
  error: Error | undefined;
  /** What is done as soon as there is a head. */
  onHead: ((control: ResponseControl) => void) | undefined;

  onRequestQueued(control: ResponseControl): void {
    this.control = control;
  }

  onRequestStart(control: ResponseControl): void {
    this.started++;
    this.control = control;
  }

  onResponseStart(control: ResponseControl, head: ResponseHead): void {
    this.head = head;
    this.onHead?.(control);
  }

  onResponseData(_: ResponseControl, chunk: Buffer): void {
    this.body += chunk.toString();
  }

  onResponseEnd(): void {
    this.ended++;
  }

  onResponseError(_: ResponseControl | undefined, cause: Error): void {
    this.error = cause;
  }

  async over(): Promise<this> {
    await until(() => this.ended > 0 || this.error, 'the response');
    return this;
  }
}

/** A whole response. @param more further header lines */
export const replyOf = (body: string, more = ''): string =>
  `HTTP/1.1 200 OK\r\n${more}content-length: ${body.length}\r\n\r\n${body}`;
