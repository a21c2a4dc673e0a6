import type { Params } from '../core/message.js';
import { notifiedToken, requestedToken, withToken } from './progress.js';
import { readParams } from './scanner/params.js';

function paramsOf(text: string): Params {
  return readParams(Buffer.from(text));
}

describe('progress', () => {
  it('is asked for under a token that is kept as it was spelled', () => {
    expect(requestedToken(paramsOf('{"_meta":{"progressToken":1.0}}'))?.toString()).toBe('1.0');
    expect(requestedToken(paramsOf('{"progressToken":1}'))).toBeUndefined();
    expect(requestedToken(undefined)).toBeUndefined();
  });

  it('is told under the token of the leg it is told on, the rest untouched', () => {
    const told = paramsOf('{"progress":1.0,"progressToken":42,"total":12345678901234567890}');

    expect(notifiedToken(told)).toBe(42);
    expect(withToken(told, Buffer.from('"abc"')).toString()).toBe(
      '{"progress":1.0,"progressToken":"abc","total":12345678901234567890}',
    );
  });
});
