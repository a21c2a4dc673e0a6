import { checkParams } from './params.js';
import { readParams } from './scanner/params.js';

function problem(method: string, params?: object): string | undefined {
  const error = checkParams(method, params && readParams(Buffer.from(JSON.stringify(params))));
  if (error) expect(error.code).toBe('protocol_invalid_params');
  return error?.message;
}

describe('the check of params', () => {
  it.each([
    ['tools/call', { name: 'a' }],
    ['tools/call', { name: 'a', arguments: {}, x: 1 }],
    ['tools/list', undefined],
    ['tools/list', { cursor: '' }],
    ['prompts/get', { name: 'a', arguments: { b: 'c' } }],
    ['resources/read', { uri: 'a:b' }],
    ['completion/complete', { ref: { type: 'ref/prompt', name: 'a' }, argument: { name: 'b', value: '' } }],
    ['completion/complete', { ref: { type: 'ref/resource', uri: 'a' }, argument: { name: 'b', value: '' } }],
    ['tasks/get', { taskId: 't' }],
    ['tasks/list', { cursor: 'c' }],
    ['logging/setLevel', { level: 'emergency' }],
    ['initialize', { protocolVersion: '2025-11-25' }],
    ['ping', undefined],
    ['vendor/method', { anything: 1 }],
  ])('lets %s pass with %j', (method, params) => {
    expect(problem(method, params)).toBeUndefined();
  });

  it.each([
    ['tools/call', undefined],
    ['tools/call', { name: '' }],
    ['tools/call', { name: 1 }],
    ['tools/call', { name: 'a', arguments: [] }],
    ['tools/call', { name: 'a', arguments: null }],
    ['tools/list', { cursor: 1 }],
    ['resources/templates/list', { cursor: null }],
    ['prompts/get', {}],
    ['prompts/get', { name: 'a', arguments: { b: 1 } }],
    ['resources/read', { uri: ['a'] }],
    ['resources/subscribe', {}],
    ['completion/complete', { argument: { name: 'b', value: '' } }],
    ['completion/complete', { ref: { type: 'ref/tool', name: 'a' }, argument: { name: 'b', value: '' } }],
    ['completion/complete', { ref: { type: 'ref/prompt', uri: 'a' }, argument: { name: 'b', value: '' } }],
    ['completion/complete', { ref: { type: 'ref/prompt', name: 'a' }, argument: { name: 'b' } }],
    ['tasks/get', {}],
    ['tasks/result', { taskId: '' }],
    ['tasks/cancel', { taskId: 1 }],
    ['tasks/list', { cursor: 1 }],
    ['logging/setLevel', { level: 'loud' }],
    ['logging/setLevel', undefined],
    ['initialize', {}],
    ['initialize', { protocolVersion: '2025-11-25', capabilities: [] }],
    ['initialize', { protocolVersion: '2025-11-25', clientInfo: 'x' }],
  ])('refuses %s with %j', (method, params) => {
    expect(problem(method, params)).toEqual(expect.any(String));
  });

  it('parses nothing for tools/call and resources/read', () => {
    const parse = vi.spyOn(JSON, 'parse');

    checkParams('tools/call', readParams(Buffer.from('{"name":"a","arguments":{"b":1}}')));
    checkParams('resources/read', readParams(Buffer.from('{"uri":"a:b"}')));

    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
  });
});
