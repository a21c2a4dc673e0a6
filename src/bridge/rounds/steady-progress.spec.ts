import * as fc from 'fast-check';

import { exchangeWith } from '../../../test/support/exchanges.js';
import type { InterimMessage } from '../../core/message.js';
import { readParams } from '../../protocol/index.js';
import { SteadyProgress } from './steady-progress.js';

/** Sends progress in several rounds. @returns the params of what passed */
function passed(rounds: readonly (readonly string[])[]): string[] {
  const exchange = exchangeWith();
  const progress = new SteadyProgress((message, { deliver }) => deliver(message));
  for (const [index, round] of rounds.entries()) {
    if (index > 0) progress.again();
    for (const params of round) {
      const method = 'notifications/progress';
      progress.relay({ kind: 'notification', method, params: readParams(Buffer.from(params)) }, exchange);
    }
  }
  return exchange.delivered.map(({ params }) => params!.bytes.toString());
}

describe('the progress of a request that is sent several times', () => {
  it('goes on where it stood, and is otherwise as the server said it', () => {
    const first = ['{"progressToken":1, "progress":1.0,"total":2}', '{"progressToken":1,"progress":2,"message":"a"}'];
    const second = ['{"progressToken":2, "progress":0}', '{"progressToken":2,"progress":1,"total":4,"message":"b"}'];
    expect(passed([first, second])).toEqual([...first, '{"progressToken":2,"progress":3,"total":6,"message":"b"}']);
  });

  it('only ever grows once it is sent again', () => {
    const values = fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 5 });
    fc.assert(
      fc.property(
        fc.array(
          values.map((all) => all.toSorted((a, b) => a - b)),
          { maxLength: 4 },
        ),
        (rounds) => {
          const distinct = rounds.map((round) => [...new Set(round)]);
          const sent = passed(distinct.map((round) => round.map((progress) => JSON.stringify({ progress }))));
          const told = sent.map((params) => (JSON.parse(params) as { progress: number }).progress);
          expect(told).toEqual([...new Set(told)].toSorted((a, b) => a - b));
          expect(told).toHaveLength(distinct.flat().length);
        },
      ),
    );
  });

  it('leaves alone what is none', () => {
    const exchange = exchangeWith();
    const progress = new SteadyProgress((message, { deliver }) => deliver(message));
    const odd: InterimMessage = { kind: 'notification', method: 'notifications/progress', params: undefined };
    const log: InterimMessage = { kind: 'notification', method: 'notifications/message', params: undefined };
    progress.relay(odd, exchange);
    progress.relay(log, exchange);
    expect(exchange.delivered).toEqual([odd, log]);
  });
});
