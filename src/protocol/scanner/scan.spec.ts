import { parseCount } from '../../core/json.js';
import type { Incoming, ScanLimits } from '../incoming.js';
import { scan } from './scan.js';

const LIMITS: ScanLimits = { maxBytes: 10_000, maxDepth: 8, batch: false };

function scanText(text: string, limits: Partial<ScanLimits> = {}): Incoming {
  return scan(Buffer.from(text), { ...LIMITS, ...limits });
}

function faultOf(incoming: Incoming): readonly [code: string, id: unknown] {
  if (incoming.kind !== 'malformed') throw new Error(`a ${incoming.kind}`);
  return [incoming.error.code, incoming.id?.value];
}

function paramsOf(incoming: Incoming) {
  if (incoming.kind !== 'request' && incoming.kind !== 'notification') throw new Error(`a ${incoming.kind}`);
  return incoming.params;
}

const call = (params: string, id = '1') => `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${params}}`;

describe('scan', () => {
  it('reads a request: id, method and where things stand in its params', () => {
    const incoming = scanText(
      call('{"name":"a\\"b","arguments":{"x":[1,2]},"_meta":{"progressToken":"t"}}', '"seven"'),
    );

    expect(incoming).toMatchObject({ kind: 'request', method: 'tools/call', id: { value: 'seven' } });
    expect(paramsOf(incoming)?.text('name')).toBe('a"b');
    expect(paramsOf(incoming)?.read('arguments')).toEqual({ x: [1, 2] });
    expect(paramsOf(incoming)?.read('progressToken')).toBe('t');
    expect(paramsOf(incoming)?.spans.uri).toBeUndefined();
  });

  it('takes a message with a method and no id for a notification', () => {
    const incoming = scanText('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":3}}');

    expect(incoming.kind).toBe('notification');
    expect(paramsOf(incoming)?.read('requestId')).toBe(3);
  });

  it('passes on results and errors as they were written', () => {
    expect(scanText('{"jsonrpc":"2.0","id":1,"result":{"n":12345678901234567890}}')).toMatchObject({
      kind: 'reply',
      reply: { kind: 'result', json: { bytes: Buffer.from('{"n":12345678901234567890}') } },
    });
    expect(scanText('{"jsonrpc":"2.0","id":1,"error":{"code":-32002,"message":"gone","data":{}}}')).toMatchObject({
      kind: 'reply',
      reply: { kind: 'error', json: { bytes: Buffer.from('{"code":-32002,"message":"gone","data":{}}') } },
    });
  });

  it('hands on an error that belongs to no request, marked as malformed', () => {
    for (const id of ['', '"id":null,']) {
      expect(scanText(`{"jsonrpc":"2.0",${id}"error":{"code":-32700,"message":"what?"}}`)).toMatchObject({
        kind: 'malformed',
        orphan: { kind: 'error', json: { bytes: Buffer.from('{"code":-32700,"message":"what?"}') } },
      });
    }
  });

  it.each([
    ['0', 0],
    ['""', ''],
    ['"0"', '0'],
    ['-7', -7],
    ['1.0', 1],
    ['1e2', 100],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    [`"${'i'.repeat(256)}"`, 'i'.repeat(256)],
    ['"\\u00e9"', 'é'],
  ])('keeps the value, the type and the spelling of the id %s', (spelled, value) => {
    const incoming = scanText(call('{}', spelled));

    expect(incoming).toMatchObject({ kind: 'request', id: { value, bytes: Buffer.from(spelled) } });
  });

  it.each(['null', 'true', '1.5', '9007199254740993', '1e400', '{}', '[1]', `"${'i'.repeat(257)}"`])(
    'refuses the id %s',
    (spelled) => {
      expect(faultOf(scanText(call('{}', spelled)))).toEqual(['protocol_malformed', undefined]);
    },
  );

  it.each([
    ['nothing', ''],
    ['white space', ' \n'],
    ['something cut off', '{"jsonrpc":"2.0","id":1,"method":"ping"'],
    ['two messages', `${call('{}')}${call('{}')}`],
    ['a byte order mark', `\ufeff${call('{}')}`],
    ['a trailing comma', call('{"name":"a",}')],
    ['a raw line break in a string', call('{"name":"a\nb"}')],
    ['a raw line break far into a string', call(`{"name":"${'x'.repeat(101)}\n${'x'.repeat(50)}"}`)],
    ['an escape that JSON does not know', call('{"name":"\\x41"}')],
    ['half an escape', call('{"name":"\\u12"}')],
    ['a number with a leading zero', call('{"n":01}')],
    ['NaN', call('{"n":NaN}')],
    ['single quotes', call("{'name':1}")],
  ])('refuses %s as not JSON, without an id', (_what, text) => {
    expect(faultOf(scanText(text))).toEqual(['protocol_parse_error', undefined]);
  });

  it('refuses what is not UTF-8', () => {
    const frame = Buffer.concat([
      Buffer.from('{"jsonrpc":"2.0","id":1,"method":"a'),
      Buffer.of(0xc3, 0x28),
      Buffer.from('"}'),
    ]);

    expect(faultOf(scan(frame, LIMITS))).toEqual(['protocol_parse_error', undefined]);
  });

  it('refuses what is too large before it looks at it', () => {
    expect(faultOf(scanText('x'.repeat(11), { maxBytes: 10 }))).toEqual(['protocol_too_large', undefined]);
  });

  it('allows as much depth as it was told, and not one level more', () => {
    const nested = (levels: number) => call(`{"arguments":${'['.repeat(levels)}${']'.repeat(levels)}}`);

    expect(scanText(nested(6)).kind).toBe('request');
    expect(faultOf(scanText(nested(7)))).toEqual(['protocol_parse_error', undefined]);
  });

  it('allows an object as many members as it was told, wherever it stands', () => {
    const wide = (members: number) => `{${Array.from({ length: members }, (_, n) => `"m${n}":${n}`).join()}}`;

    for (const place of [(object: string) => call(`{"arguments":${object}}`), (object: string) => call(object)]) {
      expect(scanText(place(wide(20)), { maxKeys: 20 }).kind).toBe('request');
      expect(faultOf(scanText(place(wide(21)), { maxKeys: 20 }))).toEqual(['protocol_parse_error', undefined]);
    }
  });

  it('survives any depth, however much it is allowed', () => {
    const deep = call(`{"arguments":${'['.repeat(200_000)}${']'.repeat(200_000)}}`);

    expect(faultOf(scanText(deep, { maxBytes: 1e6, maxDepth: 1e6 }))).toEqual(['protocol_parse_error', undefined]);
  });

  it.each([
    ['a scalar', '1', undefined],
    ['a wrong version', '{"jsonrpc":"1.0","id":1,"method":"ping"}', 1],
    ['no version', '{"id":1,"method":"ping"}', 1],
    ['neither method nor result', '{"jsonrpc":"2.0","id":1}', 1],
    ['both result and error', '{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}', 1],
    ['both method and result', '{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}', 1],
    ['a method that is no string', '{"jsonrpc":"2.0","id":1,"method":{}}', 1],
    ['a method without end', `{"jsonrpc":"2.0","id":1,"method":"${'m'.repeat(129)}"}`, 1],
    ['params that are null', call('null'), 1],
    ['params that are an array', call('[]'), 1],
    ['an error without a message', '{"jsonrpc":"2.0","id":1,"error":{"code":1}}', 1],
    ['an error with a broken code', '{"jsonrpc":"2.0","id":1,"error":{"code":1.5,"message":""}}', 1],
    ['a result that is no object', '{"jsonrpc":"2.0","id":1,"result":null}', 1],
  ])('refuses %s as malformed, with the id where there is one', (_what, text, id) => {
    expect(faultOf(scanText(text))).toEqual(['protocol_malformed', id]);
  });

  it.each([
    ['at the top', '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}', 1],
    ['in params', call('{"name":"a","arguments":{},"name":"b"}'), 1],
    ['in _meta', call('{"_meta":{"progressToken":1,"progressToken":2}}'), 1],
    ['of params themselves', '{"jsonrpc":"2.0","id":1,"method":"ping","params":{},"params":{}}', 1],
    ['behind an escape', call('{"name":"a","n\\u0061me":"b"}'), 1],
    ['of the id', '{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}', undefined],
  ])('refuses a second member %s', (_where, text, id) => {
    expect(faultOf(scanText(text))).toEqual(['protocol_malformed', id]);
  });

  it('lets members repeat that it does not read', () => {
    expect(scanText(call('{"arguments":{"name":1,"name":2},"x":1,"x":2}')).kind).toBe('request');
  });

  it('spells escaped keys plainly in what it passes on, and changes nothing else', () => {
    const incoming = scanText(
      '{"jsonrp\\u0063":"2.0","id":1,"method":"tools\\/call","p\\u0061rams":{"n\\u0061me" : "\\u0061","\\u0078":1.0}}',
    );

    expect(incoming).toMatchObject({ kind: 'request', method: 'tools/call' });
    expect(paramsOf(incoming)?.bytes.toString()).toBe('{"name" : "\\u0061","\\u0078":1.0}');
    expect(paramsOf(incoming)?.text('name')).toBe('a');
  });

  it('treats __proto__ as a member like any other', () => {
    const incoming = scanText(call('{"__proto__":{"name":"evil"}}'));

    expect(paramsOf(incoming)?.text('name')).toBeUndefined();
    expect(paramsOf(incoming)?.bytes.toString()).toBe('{"__proto__":{"name":"evil"}}');
  });

  it.each(['null', '[]', '"x"', '1'])('refuses _meta that is %s as wrong params', (meta) => {
    expect(faultOf(scanText(call(`{"_meta":${meta}}`)))).toEqual(['protocol_invalid_params', 1]);
  });

  it.each(['null', '1.5', '{}', 'true'])('refuses the progress token %s as wrong params', (token) => {
    expect(faultOf(scanText(call(`{"_meta":{"progressToken":${token}}}`)))).toEqual(['protocol_invalid_params', 1]);
  });

  it('parses nothing of what is forwarded, and the name of a tool neither', () => {
    const before = parseCount();
    const incoming = scanText(call('{"name":"a","arguments":{"x":[1,2]},"_meta":{"progressToken":"t"}}'));
    scanText('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');

    expect(paramsOf(incoming)?.text('name')).toBe('a');
    expect(parseCount()).toBe(before);
    expect(paramsOf(incoming)?.read('arguments')).toEqual({ x: [1, 2] });
    expect(parseCount()).toBe(before + 1);
  });

  it('reads frames that begin anywhere in a larger buffer', () => {
    const text = call(`{"name":"${'é'.repeat(100)}"}`);
    const around = Buffer.from(`abc${text}}}}`);
    const frame = around.subarray(3, 3 + Buffer.byteLength(text));

    expect(paramsOf(scan(frame, LIMITS))?.text('name')).toBe('é'.repeat(100));
  });
});

describe('a batch', () => {
  const ping = (id: number) => `{"jsonrpc":"2.0","id":${id},"method":"ping"}`;
  const batch = (text: string) => scanText(text, { batch: true });

  it('is refused where batches do not exist', () => {
    const incoming = scanText(`[${ping(1)}]`);

    expect(faultOf(incoming)).toEqual(['protocol_malformed', undefined]);
    expect(incoming).toMatchObject({ error: { message: 'Batching is not supported' } });
  });

  it('gives its messages in order, and the broken ones do not spoil the others', () => {
    const incoming = batch(`[ ${ping(1)} , 2, {"jsonrpc":"2.0","method":"x"},[${ping(3)}],${ping(4)}]`);

    expect(incoming.kind === 'batch' && incoming.messages.map(({ kind }) => kind)).toEqual([
      'request',
      'malformed',
      'notification',
      'malformed',
      'request',
    ]);
  });

  it('is refused when it is empty, or has more than fifty messages', () => {
    expect(faultOf(batch('[]'))).toEqual(['protocol_malformed', undefined]);
    expect(batch(`[${Array.from({ length: 100 }, (_, id) => ping(id)).join()}]`).kind).toBe('batch');
    expect(faultOf(batch(`[${Array.from({ length: 101 }, (_, id) => ping(id)).join()}]`))[0]).toBe(
      'protocol_malformed',
    );
  });

  it('is no JSON when anything in it is not', () => {
    expect(faultOf(batch(`[${ping(1)},]`))).toEqual(['protocol_parse_error', undefined]);
  });
});
