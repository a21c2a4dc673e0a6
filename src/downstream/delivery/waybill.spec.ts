import { randomBytes } from 'node:crypto';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';

import { clientAddressOf, isSecure, noteConnection } from '../../core/client-connection.js';
import { WAYBILL, Waybills } from './waybill.js';

const secret = randomBytes(32);
const busOf = (id: string, from = secret) => ({ secret: from, self: { id, slot: 1 } });
const requestWith = (headers: Record<string, string>) => Object.assign(new IncomingMessage(new Socket()), { headers });

function written(): string {
  const request = requestWith({});
  noteConnection(request, { address: '203.0.113.9', secure: true });
  return new Waybills(busOf('a')).write(request, 'b');
}

describe('what goes with a request from worker to worker', () => {
  it('says for whom it is, as the worker says that took it', () => {
    const request = requestWith({ [WAYBILL]: written(), authorization: 'Bearer x' });
    const shown = new Waybills(busOf('b')).read(request);
    expect(shown).toEqual({ headers: request.headers });
    expect([clientAddressOf(request), isSecure(request)]).toEqual(['203.0.113.9', true]);
  });

  it('is nothing to any other worker, or from anybody who is none', () => {
    const waybill = written();
    expect(new Waybills(busOf('c')).read(requestWith({ [WAYBILL]: waybill }))).toBeUndefined();
    expect(new Waybills(busOf('b', randomBytes(32))).read(requestWith({ [WAYBILL]: waybill }))).toBeUndefined();
    expect(new Waybills(busOf('b')).read(requestWith({ [WAYBILL]: `${waybill}A` }))).toBeUndefined();
    expect(new Waybills(busOf('b')).read(requestWith({}))).toBeUndefined();
  });
});
