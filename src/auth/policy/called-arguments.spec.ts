import { request } from '../../../test/support/routing.js';
import { calledArguments } from './called-arguments.js';

const called = (params: string, method = 'tools/call') => calledArguments(request(method, params));

describe('the arguments that rules read', () => {
  it('are those of the call', () => {
    expect(called('{"name":"x","arguments":{"a":{"b":[1]}}}')).toEqual({ a: { b: [1] } });
    expect(called('{"name":"x"}')).toEqual({});
    expect(calledArguments(request('tools/call'))).toEqual({});
  });

  it('are not read where a server may read them differently', () => {
    expect(called('{"name":"x","arguments":{"a":1,"a":2}}')).toBeUndefined();
    expect(called('{"name":"x","arguments":{"a":1,"\\u0061":2}}')).toBeUndefined();
    expect(called('{"name":"x","arguments":{"a":1,"A":2}}')).toBeUndefined();
    expect(called('{"name":"x","arguments":{"l":[{"a":{"b":1,"b":2}}]}}')).toBeUndefined();
    expect(called('{"name":"x","arguments":[1]}')).toBeUndefined();
  });

  it('are not read where there are too many', () => {
    const params = (value: unknown) => JSON.stringify({ name: 'x', arguments: { value } });
    expect(called(params('x'.repeat(65_000)))).toBeDefined();
    expect(called(params('x'.repeat(66_000)))).toBeUndefined();
    expect(called(params(Array.from({ length: 4_000 }, () => 1)))).toBeDefined();
    expect(called(params(Array.from({ length: 5_000 }, () => 1)))).toBeUndefined();
  });

  it('keep to what was sent, whatever it is called', () => {
    const found = called('{"name":"x","arguments":{"__proto__":{"a":1},"constructor":2}}');
    expect(Object.keys(found ?? {})).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(found)).toBe(Object.prototype);
  });

  it('are of a completion what was filled in so far', () => {
    const params =
      '{"ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"b","value":"x"},"context":{"arguments":{"a":"1"}}}';
    expect(called(params, 'completion/complete')).toEqual({ a: '1', b: 'x' });
  });
});
