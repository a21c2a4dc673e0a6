import { exchangeWith } from '../../../test/support/exchanges.js';
import { ANONYMOUS } from '../../core/principal.js';
import { Visit } from './visit.js';

describe('a visit', () => {
  it('is what its one request is, and has no stream but the answer to it', () => {
    const exchange = exchangeWith({ id: 'x-7', logLevel: 'error' });
    const visit = new Visit(exchange, ANONYMOUS);
    expect(visit).toMatchObject({
      id: 'x-7',
      logLevel: 'error',
      ended: false,
      peer: exchange.peer,
      flow: exchange.flow,
    });
    const message = { kind: 'notification', method: 'notifications/message', params: undefined } as const;
    visit.deliver(message);
    expect(exchange.delivered).toEqual([message]);
  });

  it('tells once that it has ended, at once who comes later, and nobody who has taken it back', () => {
    const visit = new Visit(exchangeWith(), ANONYMOUS);
    const told: string[] = [];
    visit.onEnd(() => told.push('a'));
    visit.onEnd(() => told.push('b'))();
    visit.end();
    visit.end();
    visit.onEnd(() => told.push('c'));
    expect([visit.ended, told]).toEqual([true, ['a', 'c']]);
  });
});
