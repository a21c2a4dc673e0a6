import { ENVELOPE } from './meta-keys.js';
import { checkParams } from './params.js';
import { readParams } from './scanner/params.js';

function problem(method: string, params?: object): string | undefined {
  const error = checkParams(method, params && readParams(Buffer.from(JSON.stringify(params))));
  if (error) expect(error.code).toBe('protocol_invalid_params');
  return error?.message;
}

const MODERN = { _meta: { [ENVELOPE.protocolVersion]: '2026-07-28', [ENVELOPE.clientCapabilities]: {} } };
const URIS = Array.from({ length: 1_001 }, (_, at) => `a:${at}`);

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
    ['subscriptions/listen', { notifications: {}, ...MODERN }],
    ['subscriptions/listen', { notifications: { toolsListChanged: false, taskIds: [], more: 1 }, ...MODERN }],
    ['subscriptions/listen', { notifications: { resourceSubscriptions: URIS.slice(1) }, ...MODERN }],
    ['subscriptions/listen', { notifications: { resourceSubscriptions: ['x'.repeat(260_000)] }, ...MODERN }],
    ['tools/call', { name: 'a', inputResponses: { k: { action: 'accept' } }, requestState: '', ...MODERN }],
    ['prompts/get', { name: 'a', requestState: 'x'.repeat(98_304), ...MODERN }],
    ['tasks/update', { taskId: 't', inputResponses: {}, ...MODERN }],
    ['tools/list', { inputResponses: 1, requestState: 2, ...MODERN }],
    ['tools/call', { name: 'a', inputResponses: 1, requestState: 2 }],
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
    ['subscriptions/listen', undefined],
    ['subscriptions/listen', { notifications: [], ...MODERN }],
    ['subscriptions/listen', { notifications: { promptsListChanged: 1 }, ...MODERN }],
    ['subscriptions/listen', { notifications: { resourcesListChanged: null }, ...MODERN }],
    ['subscriptions/listen', { notifications: { resourceSubscriptions: 'a:b' }, ...MODERN }],
    ['subscriptions/listen', { notifications: { resourceSubscriptions: ['a:b', 1] }, ...MODERN }],
    ['subscriptions/listen', { notifications: { resourceSubscriptions: URIS }, ...MODERN }],
    ['subscriptions/listen', { notifications: { resourceSubscriptions: ['x'.repeat(262_144)] }, ...MODERN }],
    ['subscriptions/listen', { notifications: { taskIds: [{}] }, ...MODERN }],
    ['tools/call', { name: 'a', inputResponses: [], ...MODERN }],
    ['prompts/get', { name: 'a', inputResponses: { k: 'yes' }, ...MODERN }],
    ['resources/read', { uri: 'a:b', requestState: {}, ...MODERN }],
    ['tools/call', { name: 'a', requestState: 'x'.repeat(98_305), ...MODERN }],
    ['tasks/update', { inputResponses: {}, ...MODERN }],
    ['tasks/update', { taskId: 't', inputResponses: null, ...MODERN }],
  ])('refuses %s with %j', (method, params) => {
    expect(problem(method, params)).toEqual(expect.any(String));
  });

  it('tells of what cannot be forgiven before what can', () => {
    const params = { name: 'a', arguments: [], requestState: 1, ...MODERN };
    const problem = checkParams('tools/call', readParams(Buffer.from(JSON.stringify(params))));
    expect(problem?.rule).toBe('request_state');
  });

  it('parses nothing for tools/call and resources/read', () => {
    const parse = vi.spyOn(JSON, 'parse');

    checkParams('tools/call', readParams(Buffer.from('{"name":"a","arguments":{"b":1}}')));
    checkParams('resources/read', readParams(Buffer.from('{"uri":"a:b"}')));

    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
  });
});
