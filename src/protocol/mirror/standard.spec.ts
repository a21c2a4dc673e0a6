import * as fc from 'fast-check';

import { McpRequest } from '../../core/message.js';
import type { IncomingNotification, IncomingRequest } from '../incoming.js';
import { readParams } from '../scanner/params.js';
import { modernHeaderProblem, modernHeaders } from './standard.js';

const ID = { value: 1, bytes: Buffer.from('1') };

function request(method: string, params: object = {}): IncomingRequest {
  return { kind: 'request', id: ID, method, params: readParams(Buffer.from(JSON.stringify(params))) };
}

function notification(method: string): IncomingNotification {
  return { kind: 'notification', method, params: undefined };
}

function problem(incoming: IncomingRequest | IncomingNotification, headers: Record<string, string>): unknown {
  const found = modernHeaderProblem(incoming, headers);
  if (found) expect(found.traits.modern).toEqual({ http: 400, rpc: -32020 });
  return found && [found.rule, found.message];
}

describe('the headers of a modern request', () => {
  it.each([
    ['tools/call', 'find', 'find'],
    ['prompts/get', 'café', '=?base64?Y2Fmw6k=?='],
    ['resources/read', 'db://row/1', 'db://row/1'],
    ['tasks/get', 'job-9', 'job-9'],
    ['tasks/update', 'job-9', 'job-9'],
    ['tasks/cancel', 'job-9', 'job-9'],
    ['tools/list', 'x', undefined],
    ['completion/complete', 'x', undefined],
    ['server/discover', undefined, undefined],
    ['tools/call', undefined, undefined],
  ])('say of a %s about %s what it is', (method, name, said) => {
    expect(modernHeaders(new McpRequest(method, undefined), name)).toEqual({
      'MCP-Protocol-Version': '2026-07-28',
      'Mcp-Method': method,
      ...(said !== undefined && { 'Mcp-Name': said }),
    });
  });

  it.each<[incoming: IncomingRequest | IncomingNotification, headers: Record<string, string>]>([
    [request('tools/list'), { 'mcp-method': ' tools/list\t' }],
    [request('tools/call', { name: 'a' }), { 'mcp-method': 'tools/call', 'mcp-name': ' a ' }],
    [request('prompts/get', { name: 'café' }), { 'mcp-method': 'prompts/get', 'mcp-name': '=?base64?Y2Fmw6k=?=' }],
    [request('tasks/get', { taskId: 't' }), { 'mcp-method': 'tasks/get', 'mcp-name': 't' }],
    [request('completion/complete', { ref: { name: 'a' } }), { 'mcp-method': 'completion/complete' }],
    // What is wrong with these is no header.
    [request('tools/call', { name: 1 }), { 'mcp-method': 'tools/call' }],
    [request('tools/call'), { 'mcp-method': 'tools/call', 'mcp-name': 'x' }],
    [request('resources/subscribe', { uri: 'a:b' }), { 'mcp-method': 'resources/subscribe' }],
    [notification('notifications/x'), {}],
    [notification('notifications/x'), { 'mcp-method': 'notifications/x' }],
  ])('agree: %j with %j', (incoming, headers) => {
    expect(problem(incoming, headers)).toBeUndefined();
  });

  it.each<[IncomingRequest | IncomingNotification, Record<string, string>, rule: string, message: string]>([
    [request('tools/list'), {}, 'method_header', 'Missing required header Mcp-Method'],
    [request('tools/list'), { 'mcp-method': 'Tools/list' }, 'method_header', 'Mcp-Method does not match method'],
    [request('tools/list'), { 'mcp-method': '' }, 'method_header', 'Mcp-Method does not match method'],
    [request('ping'), { 'mcp-method': '=?base64?cGluZw==?=' }, 'method_header', 'Mcp-Method does not match method'],
    [notification('notifications/x'), { 'mcp-method': 'y' }, 'method_header', 'Mcp-Method does not match method'],
    [
      request('tools/call', { name: 'a' }),
      { 'mcp-method': 'tools/call' },
      'name_header',
      'Missing required header Mcp-Name',
    ],
    [
      request('tools/call', { name: 'crm__delete' }),
      { 'mcp-method': 'tools/call', 'mcp-name': 'crm__find' },
      'name_header',
      'Mcp-Name does not match params.name',
    ],
    [
      request('resources/read', { uri: 'a:b' }),
      { 'mcp-method': 'resources/read', 'mcp-name': 'A:b' },
      'name_header',
      'Mcp-Name does not match params.uri',
    ],
    [
      request('prompts/get', { name: 'x' }),
      { 'mcp-method': 'prompts/get', 'mcp-name': '=?base64?%%%?=' },
      'name_header',
      'Mcp-Name is not valid base64',
    ],
  ])('disagree: %j with %j', (incoming, headers, rule, message) => {
    expect(problem(incoming, headers)).toEqual([rule, message]);
  });

  it('agree with the request that they were made of', () => {
    const named = fc.constantFrom(['tools/call', 'name'], ['resources/read', 'uri'], ['tasks/update', 'taskId']);
    fc.assert(
      fc.property(named, fc.string({ unit: 'grapheme', minLength: 1 }), ([method, member], name) => {
        const sent = Object.entries(modernHeaders(new McpRequest(method as string, undefined), name));
        const headers = Object.fromEntries(sent.map(([header, value]) => [header.toLowerCase(), value]));
        expect(problem(request(method as string, { [member as string]: name }), headers)).toBeUndefined();
      }),
    );
  });
});
