import { Caller } from './caller.ts';
import { Tally } from './tally.ts';

interface Call {
  readonly id: number;
  readonly params: { readonly arguments: { readonly text: string } };
}

describe('a caller', () => {
  let tally: Tally;
  let calls: Call[];
  let caller: Caller;

  beforeEach(() => {
    tally = new Tally();
    tally.counting = true;
    calls = [];
    caller = new Caller('c7', 40, tally);
    caller.start({ send: (message) => void calls.push(JSON.parse(message) as Call), close: () => undefined }, 2);
  });

  it('keeps as many calls in flight as it is told', () => {
    caller.message(replyTo(calls[0]));

    expect(calls.map(({ id }) => id)).toEqual([1, 2, 3]);
    expect(caller.unanswered).toBe(2);
  });

  it('sends payloads of the size it is told', () => {
    expect(calls[0]?.params.arguments.text).toHaveLength(40);
  });

  it('takes replies in any order', () => {
    caller.message(replyTo(calls[1]));
    caller.message(replyTo(calls[0]));

    expect(tally).toMatchObject({ answered: 2, faulty: 0 });
  });

  it.each([
    ['the text of another call', () => replyTo(calls[0], calls[1])],
    ['an error', () => '{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"broken"}}'],
    ['an unknown id', () => '{"jsonrpc":"2.0","id":99,"result":{}}'],
    ['an id of another type', () => '{"jsonrpc":"2.0","id":"1","result":{}}'],
  ])('finds fault with %s', (_what, reply) => {
    caller.message(reply());

    expect(tally).toMatchObject({ answered: 0, faulty: 1 });
  });

  it('finds fault with a second reply to the same call', () => {
    caller.message(replyTo(calls[0]));
    caller.message(replyTo(calls[0]));

    expect(tally).toMatchObject({ answered: 1, faulty: 1 });
  });

  it('finds fault with replies that never came', () => {
    tally.calling = false;
    caller.message(replyTo(calls[0]));
    caller.finish();

    expect(tally).toMatchObject({ answered: 1, faulty: 1, faults: ['c7: no reply to 2'] });
  });

  it('ignores notifications', () => {
    caller.message('{"jsonrpc":"2.0","method":"notifications/message","params":{}}');

    expect(tally.faulty).toBe(0);
  });
});

function replyTo(call: Call | undefined, textOf = call): string {
  const text = textOf?.params.arguments.text;
  return JSON.stringify({ jsonrpc: '2.0', id: call?.id, result: { content: [{ type: 'text', text }] } });
}
