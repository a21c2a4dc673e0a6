import * as fc from 'fast-check';

import { SUBSCRIPTION_ID } from '../../protocol/index.js';
import { tagged } from './tagged.js';

const ID = Buffer.from('"L1"');

function tag(text: string | undefined): string {
  return tagged(text === undefined ? undefined : Buffer.from(text), ID).toString();
}

describe('what is said for a listen', () => {
  it.each([
    [undefined, `{"_meta":{"${SUBSCRIPTION_ID}":"L1"}}`],
    ['{}', `{"_meta":{"${SUBSCRIPTION_ID}":"L1"}}`],
    [' { "uri" : "a" }', ` {"_meta":{"${SUBSCRIPTION_ID}":"L1"}, "uri" : "a" }`],
    ['{"_meta":{ },"n":1e400}', `{"_meta":{"${SUBSCRIPTION_ID}":"L1" },"n":1e400}`],
    ['{"_meta":{"x":1}}', `{"_meta":{"${SUBSCRIPTION_ID}":"L1","x":1}}`],
    [`{"_meta":{"x":1,"${SUBSCRIPTION_ID}":7}}`, `{"_meta":{"x":1,"${SUBSCRIPTION_ID}":"L1"}}`],
    ['{"_meta":null}', `{"_meta":{"${SUBSCRIPTION_ID}":"L1"}}`],
  ])('names it: %s', (given, expected) => {
    expect(tag(given)).toBe(expected);
  });

  it('names it in addition to everything else, and as the client spelled it', () => {
    const id = fc.oneof(fc.maxSafeInteger(), fc.string());
    const value = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(value, fc.option(value, { nil: undefined }), id, (params, meta, id) => {
        const given = { ...params, ...(meta && { _meta: meta }) };
        const said: unknown = JSON.parse(
          tagged(Buffer.from(JSON.stringify(given)), Buffer.from(JSON.stringify(id))).toString(),
        );
        const { _meta: _, ...rest } = given;
        const kept = { ...rest, _meta: { ...meta, [SUBSCRIPTION_ID]: id } };
        expect(said).toEqual(JSON.parse(JSON.stringify(kept)));
      }),
    );
  });
});
