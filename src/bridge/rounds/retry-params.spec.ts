import * as fc from 'fast-check';

import { readParams } from '../../protocol/index.js';
import { retryParams } from './retry-params.js';

const retried = (params: string, ...brought: [Parameters<typeof retryParams>[1]]): string =>
  retryParams(readParams(Buffer.from(params)), ...brought).bytes.toString();

describe('the params of a request that is sent again', () => {
  it('bring what is new in the place of what was', () => {
    const params =
      '{"name":"a", "inputResponses":{"x":1},"arguments":{"n":1.0},"requestState":"old","requestState":"older"}';
    expect(retried(params, { inputResponses: '{"y":2}', requestState: 'new' })).toBe(
      '{"inputResponses":{"y":2},"requestState":"new","name":"a","arguments":{"n":1.0}}',
    );
    expect(retried(params, {})).toBe('{"name":"a","arguments":{"n":1.0}}');
    expect(retryParams(undefined, { requestState: '' }).bytes.toString()).toBe('{"requestState":""}');
  });

  it('have spans of all that is in them', () => {
    const params = retryParams(readParams(Buffer.from('{"name":"a"}')), { inputResponses: '{}', requestState: 's' });
    expect([params.text('name'), params.text('requestState'), params.read('inputResponses')]).toEqual(['a', 's', {}]);
  });

  it('are otherwise the same, and so is the state', () => {
    const value = fc.oneof(fc.integer(), fc.constantFrom<unknown>('a\\"', 1e300, { requestState: [1] }));
    const given = fc.array(fc.tuple(fc.constantFrom('a', 'b"', 'requestState', 'inputResponses'), value));
    fc.assert(
      fc.property(given, fc.string({ unit: 'binary' }), (entries, requestState) => {
        const kept = entries.filter(([key]) => key !== 'requestState' && key !== 'inputResponses');
        const text = (all: typeof entries) => all.map((entry) => entry.map((part) => JSON.stringify(part)).join(':'));
        expect(retried(`{${text(entries).join()}}`, { requestState })).toBe(
          `{${text([['requestState', requestState], ...kept]).join()}}`,
        );
      }),
    );
  });
});
