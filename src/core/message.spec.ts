import { errorReply, McpRequest, Params, result } from './message.js';

const text = '{"name":"caf\\u00e9","uri":7,"_meta":{"progressToken":"1"}}';

function span(value: string): readonly [number, number] {
  const start = text.indexOf(value);
  return [start, start + value.length];
}

const params = new Params(Buffer.from(text), {
  name: span('"caf\\u00e9"'),
  uri: span('7'),
  progressToken: span('"1"'),
});

describe('params', () => {
  it('read what is spanned, and nothing else', () => {
    expect(params.read('name')).toBe('café');
    expect(params.read('progressToken')).toBe('1');
    expect(params.read('cursor')).toBeUndefined();
  });

  it('give text only where there is text', () => {
    expect(params.text('name')).toBe('café');
    expect(params.text('uri')).toBeUndefined();
  });

  it('are the same bytes when nothing is spliced', () => {
    expect(params.spliced([])).toBe(params.bytes);
  });

  it('are spliced where their spans say', () => {
    const at = params.spans.name;
    if (!at) throw new Error('no name');

    expect(params.spliced([{ at, bytes: Buffer.from('"tea"') }]).toString()).toBe(text.replace('caf\\u00e9', 'tea'));
  });
});

describe('a request', () => {
  it('has an empty object for params that it has not', () => {
    expect(new McpRequest('tools/list', undefined).object()).toEqual({});
  });

  it('keeps what the downstream said when it gets another name for the upstream', () => {
    const renamed = new McpRequest('tools/call', params).withName('tea');

    expect(renamed.renamed).toBe('tea');
    expect(renamed.params).toBe(params);
  });
});

describe('replies', () => {
  it('say what they are made of', () => {
    expect(result({ a: 1 }).json.bytes.toString()).toBe('{"a":1}');
    expect(errorReply(-1, 'no').json.bytes.toString()).toBe('{"code":-1,"message":"no"}');
    expect(errorReply(-1, 'no', { b: 2 }).json.bytes.toString()).toBe('{"code":-1,"message":"no","data":{"b":2}}');
  });
});
