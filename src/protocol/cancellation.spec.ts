import type { Params } from '../core/message.js';
import { cancelledParams, cancelledReason, cancelledRequest } from './cancellation.js';
import { readParams } from './scanner/params.js';

function paramsOf(text: string): Params {
  return readParams(Buffer.from(text));
}

describe('a cancellation', () => {
  it.each([1, '1', 0, ''])('means the request %j and no other', (id) => {
    expect(cancelledRequest(readParams(cancelledParams(id, 'user')))).toBe(id);
  });

  it('may mean nothing', () => {
    expect(cancelledRequest(undefined)).toBeUndefined();
    expect(cancelledRequest(paramsOf('{}'))).toBeUndefined();
    expect(cancelledRequest(paramsOf('{"requestId":null}'))).toBeUndefined();
  });

  it('says why, when it does so in words', () => {
    expect(cancelledReason(readParams(cancelledParams(5, 'user')))).toBe('user');
    expect(cancelledReason(paramsOf('{"requestId":5,"reason":{}}'))).toBeUndefined();
    expect(cancelledReason(undefined)).toBeUndefined();
  });

  it('leaves out a reason that nobody gave', () => {
    expect(cancelledParams(5).toString()).toBe('{"requestId":5}');
  });
});
