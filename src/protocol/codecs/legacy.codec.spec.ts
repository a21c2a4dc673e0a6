import * as fc from 'fast-check';

import { errorReply, McpRequest, result } from '../../core/message.js';
import { ENVELOPE } from '../meta-keys.js';
import { readParams } from '../scanner/params.js';
import { codecFor } from './index.js';

const codec = codecFor('legacy');
const SENDER = { declares: {}, info: { name: 'c', version: '1' }, logLevel: 'debug' };

function upstream(method: string, params: string | undefined, options: { renamed?: string; token?: number } = {}) {
  const request = new McpRequest(
    method,
    params === undefined ? undefined : readParams(Buffer.from(params)),
    options.renamed,
  );
  return codec.upstreamParams(request, options.token, SENDER)?.toString();
}

describe('params for a legacy server', () => {
  it('are the very bytes that came when nothing is to be changed', () => {
    const params = readParams(Buffer.from('{"name":"a", "arguments":{"n":1.0}}'));

    expect(codec.upstreamParams(new McpRequest('tools/call', params), undefined, SENDER)).toBe(params.bytes);
    expect(upstream('ping', undefined)).toBeUndefined();
  });

  it('name what is asked for as the server does', () => {
    expect(upstream('tools/call', '{"name":"crm__a","arguments":{"name":"x"}}', { renamed: 'a' })).toBe(
      '{"name":"a","arguments":{"name":"x"}}',
    );
    expect(upstream('resources/read', '{"uri":"crm+a:b"}', { renamed: 'a:"b' })).toBe('{"uri":"a:\\"b"}');
    expect(
      upstream('completion/complete', '{"ref":{"type":"ref/prompt","name":"crm__p"},"argument":{}}', { renamed: 'p' }),
    ).toBe('{"ref":{"type":"ref/prompt","name":"p"},"argument":{}}');
    expect(upstream('completion/complete', '{"ref":{"type":"ref/resource","uri":"x"}}', { renamed: 'y' })).toBe(
      '{"ref":{"type":"ref/resource","uri":"y"}}',
    );
  });

  it('name it where the method has its name, whatever else is there', () => {
    expect(upstream('resources/read', '{"name":"crm+a:b","uri":"crm+a:b","ref":1}', { renamed: 'a:b' })).toBe(
      '{"name":"crm+a:b","uri":"a:b","ref":1}',
    );
  });

  it.each([
    ['{"name":"a","_meta":{"progressToken":"abc","x":1}}', '{"name":"a","_meta":{"progressToken":9,"x":1}}'],
    ['{"name":"a","_meta":{"x":1}}', '{"name":"a","_meta":{"progressToken":9,"x":1}}'],
    ['{"name":"a","_meta":{ }}', '{"name":"a","_meta":{"progressToken":9 }}'],
    ['{"name":"a"}', '{"_meta":{"progressToken":9},"name":"a"}'],
    ['{}', '{"_meta":{"progressToken":9}}'],
    [undefined, '{"_meta":{"progressToken":9}}'],
  ])('carry our progress token: %s', (params, expected) => {
    expect(upstream('tools/call', params, { token: 9 })).toBe(expected);
  });

  it.each([
    ['{"_meta":{"progressToken":1}}', '{}'],
    ['{"name":"a" , "_meta" : { "progressToken" : 1 } }', '{"name":"a"  }'],
    ['{ "_meta" : { "progressToken" : 1 } , "name":"a"}', '{  "name":"a"}'],
    ['{"_meta":{"progressToken":1,"x":2}}', '{"_meta":{"x":2}}'],
    ['{"_meta":{"x":2.0 , "progressToken":"1"}}', '{"_meta":{"x":2.0}}'],
    ['{"_meta":{"x" : [ 2 ],"progressToken":1,"\\u0079":3}}', '{"_meta":{"x" : [ 2 ],"\\u0079":3}}'],
  ])('lose the token of the client when no progress is wanted: %s', (params, expected) => {
    expect(upstream('tools/call', params)).toBe(expected);
  });

  it('lose what a modern client says of itself, and keep what else it says', () => {
    const meta = {
      [ENVELOPE.protocolVersion]: '2026-07-28',
      'com.example/x': 1,
      [ENVELOPE.clientCapabilities]: { sampling: {} },
      [ENVELOPE.clientInfo]: { name: 'c', version: '1' },
      traceparent: '00-1-2-01',
      [ENVELOPE.logLevel]: 'info',
    };

    expect(upstream('tools/call', JSON.stringify({ name: 'a', _meta: meta }), { token: 9 })).toBe(
      '{"name":"a","_meta":{"progressToken":9,"com.example/x":1,"traceparent":"00-1-2-01"}}',
    );
    for (const member of Object.values(ENVELOPE)) {
      expect(upstream('tools/list', JSON.stringify({ _meta: { [member]: meta[member] } }))).toBe('{}');
    }
  });

  it('keep an empty _meta that the client sent', () => {
    expect(upstream('tools/list', '{"_meta":{ }}')).toBe('{"_meta":{ }}');
  });

  it('are the same but for the name and the token', () => {
    const members = fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true });
    fc.assert(
      fc.property(
        members,
        members,
        fc.option(fc.nat(), { nil: undefined }),
        fc.boolean(),
        (rest, meta, token, asked) => {
          // An own `__proto__` cannot be spread into a literal.
          fc.pre(!Object.hasOwn(rest, '__proto__') && !Object.hasOwn(meta, '__proto__'));
          const { progressToken: _, ...others } = meta;
          const sent = { ...rest, name: 'old', _meta: { ...others, ...(asked && { progressToken: 'client' }) } };
          const ours = token !== undefined && { progressToken: token };
          const left = { ...others, ...ours };
          const isGone = asked && Object.keys(left).length === 0;
          const { _meta: __, ...unnamed } = { ...rest, _meta: 0 };
          const expected = { ...unnamed, name: 'new', ...(!isGone && { _meta: left }) };

          const got = upstream('tools/call', JSON.stringify(sent), {
            renamed: 'new',
            ...(token !== undefined && { token }),
          });

          expect(JSON.parse(got ?? '')).toEqual(JSON.parse(JSON.stringify(expected)));
        },
      ),
    );
  });
});

describe('the handshake', () => {
  const self = { name: 'gateway', version: '1' };

  it('asks servers for the newest revision', () => {
    expect(JSON.parse(codec.initializeParams(self).toString())).toEqual({
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: self,
    });
  });

  it('reads what a server says of itself', () => {
    const reply = result({
      protocolVersion: '2025-03-26',
      capabilities: { tools: {} },
      serverInfo: { name: 's', version: '2' },
      instructions: 'Be nice.',
    });

    expect(codec.readInitializeResult(reply)).toEqual({
      era: 'legacy',
      revision: '2025-03-26',
      capabilities: { tools: {} },
      info: { name: 's', version: '2' },
      instructions: 'Be nice.',
    });
  });

  it('forgives a server that does not say who it is', () => {
    expect(codec.readInitializeResult(result({ protocolVersion: '2024-11-05', capabilities: {} })).info).toEqual({
      name: '',
      version: '',
    });
  });

  it.each([
    ['refuses', errorReply(-32602, 'no')],
    ['answers in an unknown revision', result({ protocolVersion: '2031-01-01', capabilities: {} })],
    ['answers in no revision', result({})],
  ])('gives up on a server that %s', (_what, reply) => {
    expect(() => codec.readInitializeResult(reply)).toThrow(
      expect.objectContaining({ code: 'upstream_protocol_error' }),
    );
  });

  it('answers a client in the revision it asked for', () => {
    const asked = {
      protocolVersion: '2025-06-18',
      capabilities: { roots: {} },
      clientInfo: { name: 'c', version: '3' },
    };
    const peer = codec.readInitialize(readParams(Buffer.from(JSON.stringify(asked))));

    expect(peer).toEqual({
      era: 'legacy',
      revision: '2025-06-18',
      capabilities: { roots: {} },
      info: { name: 'c', version: '3' },
    });
    const reply = codec.initializeResult(peer, { info: self, capabilities: { tools: {} }, instructions: undefined });
    expect(JSON.parse(reply.json.bytes.toString())).toEqual({
      protocolVersion: '2025-06-18',
      capabilities: { tools: {} },
      serverInfo: self,
    });
  });

  it('belongs to the legacy era', () => {
    expect([codecFor('legacy').era, codecFor('modern').era]).toEqual(['legacy', 'modern']);
  });
});
