import { messagesOf } from './messages.ts';

describe('the messages of an HTTP answer', () => {
  it('is the body of a JSON answer', () => {
    expect(messagesOf('application/json', '{"id":1}')).toEqual(['{"id":1}']);
  });

  it('are the events of a stream, without those that hold nothing', () => {
    const stream = 'id: 0\ndata: \n\n: keepalive\n\nevent: message\ndata: {"id":1}\n\ndata:{"id":2}\n\n';

    expect(messagesOf('text/event-stream; charset=utf-8', stream)).toEqual(['{"id":1}', '{"id":2}']);
  });
});
