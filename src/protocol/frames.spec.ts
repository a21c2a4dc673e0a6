import { errorReply, result } from '../core/message.js';
import { notificationFrame, NULL_ID, oneLine, replyFrame, requestFrame } from './frames.js';

const params = Buffer.from('{"a":1.0}');

describe('frames', () => {
  it('write a request with a number or a string for an id', () => {
    expect(requestFrame(7, 'ping').toString()).toBe('{"jsonrpc":"2.0","id":7,"method":"ping"}');
    expect(requestFrame('a"b', 'tools/call', params).toString()).toBe(
      '{"jsonrpc":"2.0","id":"a\\"b","method":"tools/call","params":{"a":1.0}}',
    );
  });

  it('write a method as JSON, whatever is in it', () => {
    expect(JSON.parse(requestFrame(1, 'é"\n', params).toString())).toEqual({
      jsonrpc: '2.0',
      id: 1,
      method: 'é"\n',
      params: { a: 1 },
    });
  });

  it('write a notification', () => {
    expect(notificationFrame('notifications/x').toString()).toBe('{"jsonrpc":"2.0","method":"notifications/x"}');
    expect(notificationFrame('notifications/x', params).toString()).toBe(
      '{"jsonrpc":"2.0","method":"notifications/x","params":{"a":1.0}}',
    );
  });

  it('write a reply with the id as it was spelled', () => {
    expect(replyFrame(Buffer.from('1.0'), result({})).toString()).toBe('{"jsonrpc":"2.0","id":1.0,"result":{}}');
  });

  it('write an error that belongs to nobody with a null id or with none', () => {
    const error = errorReply(-32700, 'not JSON');

    expect(replyFrame(NULL_ID, error).toString()).toBe(
      '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"not JSON"}}',
    );
    expect(replyFrame(undefined, error).toString()).toBe(
      '{"jsonrpc":"2.0","error":{"code":-32700,"message":"not JSON"}}',
    );
  });

  it('fit on one line when they have to, meaning the same', () => {
    const pretty = Buffer.from(JSON.stringify({ a: ['\n', 1] }, null, 2).replaceAll('\n', '\r\n'));

    const line = oneLine(pretty);

    expect(line.includes('\n')).toBe(false);
    expect(JSON.parse(line.toString())).toEqual({ a: ['\n', 1] });
    expect(oneLine(params)).toBe(params);
  });
});
