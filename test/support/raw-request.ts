import { connect as connectTcp } from 'node:net';

import { gather, type RawAnswer } from '../hostile/support/target.ts';

/** Says bytes to a port and gathers what comes, until it is closed or for so long. */
export function raw(port: number, bytes: string | Buffer, withinMs = 5_000): Promise<RawAnswer> {
  const socket = connectTcp(port, '127.0.0.1');
  const answer = gather(socket, withinMs);
  socket.write(bytes);
  return answer;
}

/** A whole request on a connection that is closed behind it. */
export function requestOf(line: string, headers = '', body: string | Buffer = ''): Buffer {
  const host = /^host:/im.test(headers) ? '' : 'Host: localhost\r\n';
  const length = body.length > 0 ? `Content-Length: ${Buffer.byteLength(body)}\r\n` : '';
  const head = `${line} HTTP/1.1\r\n${host}Connection: close\r\n${headers}${length}\r\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(body)]);
}
