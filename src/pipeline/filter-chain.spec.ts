import type { Exchange } from '../core/exchange.js';
import type { Filter, Terminal } from '../core/filter.js';
import { InputRequest, type InterimMessage, McpRequest, result } from '../core/message.js';
import { FilterChain } from './filter-chain.js';

const request = new McpRequest('tools/call', undefined);
const message: InterimMessage = { kind: 'notification', method: 'notifications/progress', params: undefined };

/** An exchange that remembers what was delivered; chains look at nothing else. */
function exchange(): Exchange & { readonly delivered: InterimMessage[] } {
  const delivered: InterimMessage[] = [];
  return { delivered, deliver: (one: InterimMessage) => delivered.push(one) } as never;
}

/** Says when it is entered, left and passed by an interim message. */
function passing(name: string, log: string[]): Filter {
  return {
    async handle(request, exchange, next) {
      log.push(`${name} in`);
      const reply = await next(request, exchange);
      log.push(`${name} out`);
      return reply;
    },
    relay(message) {
      log.push(`${name} relay`);
      return message;
    },
  };
}

/** Sends one interim message before it answers. */
function chatty(log: string[]): Terminal {
  return {
    async send(_request, exchange, relay) {
      log.push('end');
      relay(message, exchange);
      return result({});
    },
  };
}

describe('a filter chain', () => {
  it('passes requests inwards, and replies and interim messages outwards', async () => {
    const log: string[] = [];
    const chain = new FilterChain([passing('a', log), passing('b', log)], chatty(log));
    const asked = exchange();

    await chain.run(request, asked);

    expect(log).toEqual(['a in', 'b in', 'end', 'b relay', 'a relay', 'b out', 'a out']);
    expect(asked.delivered).toEqual([message]);
  });

  it('is the terminal itself when it has no filters', async () => {
    const asked = exchange();

    const reply = await new FilterChain([], chatty([])).run(request, asked);

    expect(reply).toEqual(result({}));
    expect(asked.delivered).toEqual([message]);
  });

  it('hands on what a filter made of a request, an interim message or a reply', async () => {
    const louder: InterimMessage = { ...message, method: 'notifications/message' };
    const changing: Filter = {
      async handle(_request, exchange, next) {
        await next(new McpRequest('prompts/get', undefined), exchange);
        return result({ changed: true });
      },
      relay: () => louder,
    };
    const seen: string[] = [];
    const terminal: Terminal = {
      async send({ method }, exchange, relay) {
        seen.push(method);
        relay(message, exchange);
        return result({});
      },
    };
    const asked = exchange();

    const reply = await new FilterChain([changing], terminal).run(request, asked);

    expect(seen).toEqual(['prompts/get']);
    expect(asked.delivered).toEqual([louder]);
    expect(reply.json.parse()).toEqual({ changed: true });
  });

  it('drops an interim message as soon as a filter does, unseen by those further out', async () => {
    const log: string[] = [];
    const dropping: Filter = { handle: (request, exchange, next) => next(request, exchange), relay: () => undefined };
    const asked = exchange();

    await new FilterChain([passing('outer', log), dropping, passing('inner', log)], chatty([])).run(request, asked);

    expect(log).toEqual(['outer in', 'inner in', 'inner relay', 'inner out', 'outer out']);
    expect(asked.delivered).toEqual([]);
  });

  it('refuses at once what a server asks and a filter drops, and nothing else', async () => {
    const asked: string[] = [];
    const question = (name: string) =>
      new InputRequest('elicitation/create', undefined, {
        answered: () => asked.push(`${name} answered`),
        refused: () => asked.push(`${name} refused`),
        progressed: () => undefined,
        onWithdrawn: () => undefined,
      });
    const [dropped, passed] = [question('dropped'), question('passed')];
    const strict: Filter = {
      handle: (request, exchange, next) => next(request, exchange),
      relay: (message) => (message === passed ? message : undefined),
    };
    const asking: Terminal = {
      async send(_request, exchange, relay) {
        relay(dropped, exchange);
        relay(passed, exchange);
        return result({});
      },
    };
    const exchanged = exchange();

    await new FilterChain([passing('outer', []), strict], asking).run(request, exchanged);

    expect(asked).toEqual(['dropped refused']);
    expect(exchanged.delivered).toEqual([passed]);
  });

  it('never reaches the end when a filter answers by itself', async () => {
    const log: string[] = [];
    const answering: Filter = { handle: async () => result({ cached: true }) };

    const reply = await new FilterChain([passing('a', log), answering], chatty(log)).run(request, exchange());

    expect(reply.json.parse()).toEqual({ cached: true });
    expect(log).toEqual(['a in', 'a out']);
  });

  it('may be gone through twice', async () => {
    const log: string[] = [];
    const stubborn: Filter = {
      async handle(request, exchange, next) {
        await next(request, exchange);
        return next(request, exchange);
      },
    };
    const asked = exchange();

    await new FilterChain([stubborn, passing('b', log)], chatty(log)).run(request, asked);

    expect(log).toEqual(['b in', 'end', 'b relay', 'b out', 'b in', 'end', 'b relay', 'b out']);
    expect(asked.delivered).toHaveLength(2);
  });

  it('lets a failure pass every filter on its way out', async () => {
    const failing: Terminal = { send: () => Promise.reject(new Error('down')) };
    const log: string[] = [];

    await expect(new FilterChain([passing('a', log)], failing).run(request, exchange())).rejects.toThrow('down');
    expect(log).toEqual(['a in']);
  });
});
