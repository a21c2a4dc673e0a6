import { CancelledError } from '../../src/core/errors.js';
import { Cancellation } from '../../src/core/cancellation.js';
import type { JsonObject } from '../../src/core/json.js';
import { type InputRequest, type InterimMessage, result } from '../../src/core/message.js';
import type { Group, ServerConfig } from '../../src/upstream/index.js';
import { host, type Host, type HostKind } from '../fixtures/full-server/hosts.ts';
import { exchangeWith } from '../support/exchanges.ts';
import { TestHolder } from '../support/holders.ts';
import type { Json } from '../support/raw-clients.ts';
import { until } from '../support/until.ts';
import { send, UpstreamBench } from '../support/upstream-bench.ts';

/** Servers with sessions, and whether their transport says with which request a message came. */
const KINDS: readonly { kind: HostKind; knowsOrigin: boolean }[] = [
  { kind: 'stdio', knowsOrigin: false },
  { kind: 'websocket', knowsOrigin: false },
  { kind: 'streamable_http', knowsOrigin: true },
  { kind: 'sse', knowsOrigin: false },
  { kind: 'unix', knowsOrigin: false },
];

function settingsOf({ toml }: Host): Partial<ServerConfig> {
  const url = /url = "(.*)"/.exec(toml)?.[1];
  const args = /args = (\[.*\])/.exec(toml)?.[1];
  return url === undefined ? { command: process.execPath, args: JSON.parse(args ?? '[]') as string[] } : { url };
}

/** What a client with this name answers. */
function answerOf(name: string, { method }: InputRequest): Json {
  if (method === 'elicitation/create') return { action: 'accept', content: { name } };
  if (method === 'roots/list') return { roots: [{ uri: `file:///${name}` }] };
  return { role: 'assistant', model: 'm', content: { type: 'text', text: name } };
}

/** A client that answers what it is asked outside its calls as well. */
class AnsweringHolder extends TestHolder {
  override take(message: InterimMessage, server: string): void {
    super.take(message, server);
    if (message.kind === 'request') message.answered(result(answerOf(this.key, message) as JsonObject));
  }
}

describe.each(KINDS)('own sessions with a server of the official SDK over $kind', ({ kind, knowsOrigin }) => {
  let bench: UpstreamBench;
  let server: Host;
  let group: Group;

  beforeEach(async () => {
    bench = await UpstreamBench.create();
    server = await host(kind);
    group = await bench.start([settingsOf(server)]);
    await bench.up(group, 1);
  });

  afterEach(async () => {
    await bench.close();
    await server[Symbol.asyncDispose]();
  });

  /** Calls a tool for a client of this name, who answers whatever it is asked. */
  async function call(client: string, tool: string, args: object, holder?: TestHolder): Promise<string> {
    const exchange = exchangeWith({
      deliver: (message) => {
        if (message.kind !== 'request') return;
        setImmediate(() => message.answered(result(answerOf(client, message) as JsonObject)));
      },
    });
    const reply = await send(group, 'tools/call', { name: tool, arguments: args }, { exchange, holder });
    const [content] = reply.json.object()['content'] as { text: string }[];
    return content!.text;
  }

  it('keep for each holder what the server remembers, and apart from what everybody shares', async () => {
    const [a, b] = [new TestHolder('a'), new TestHolder('b')];
    await call('a', 'remember', { value: 'of a' }, a);
    await call('b', 'remember', { value: 'of b' }, b);

    const recalled = await Promise.all([a, b, undefined].map((holder) => call('x', 'recall', {}, holder)));
    expect(recalled).toEqual(['of a', 'of b', '']);
    expect(group.view().servers[0]).toMatchObject({ sessions: 2, pending: 0 });
  });

  it('declare what the holder can honour, and nothing where everybody shares', async () => {
    const capabilities = { roots: {} };
    expect(JSON.parse(await call('a', 'told', {}, new TestHolder('a', { capabilities })))).toEqual(capabilities);
    expect(JSON.parse(await call('a', 'told', {}))).toEqual({});
  });

  it('ask exactly the client that caused it', async () => {
    const clients = ['ada', 'alan', 'grace'].map((name) => ({ name, holder: new AnsweringHolder(name) }));
    const calls = clients.flatMap(({ name, holder }) =>
      ['ask', 'roots', 'sample'].map((tool) => call(name, tool, { prompt: 'x' }, holder)),
    );
    const said = await Promise.all(calls);

    for (const [index, text] of said.entries()) {
      const own = clients[Math.floor(index / 3)]!.name;
      expect(text).toContain(own);
    }
    // Without a stream for each request, what one client does at once it is asked as a whole.
    if (knowsOrigin) expect(clients.flatMap(({ holder }) => holder.taken)).toEqual([]);
  });

  it('ask each of several clients behind one holder', async () => {
    const holder = new TestHolder('all', { plural: true });
    const names = Array.from({ length: 8 }, (_, n) => `client-${n}`);
    const said = await Promise.all(names.map((name) => call(name, 'ask', {}, holder)));

    expect(said.map((text) => (JSON.parse(text) as { content: unknown }).content)).toEqual(
      names.map((name) => ({ name })),
    );
    expect(holder.taken).toEqual([]);
  });

  it('answer a server that asks where it may not, at once', async () => {
    expect(await call('a', 'ask', {})).toMatch(/elicitation/i);
  });

  it('carry a cancellation both ways', async () => {
    const holder = new TestHolder('a');
    const signal = new Cancellation();
    let withdrawn = false;
    let input: InputRequest | undefined;
    const exchange = exchangeWith({
      signal,
      deliver: (message) => {
        if (message.kind !== 'request') return;
        input = message;
        message.onWithdrawn(() => (withdrawn = true));
      },
    });
    const reply = send(group, 'tools/call', { name: 'ask', arguments: {} }, { exchange, holder });
    const failed = reply.catch((thrown: unknown) => thrown);
    await until(() => input !== undefined, 'the server to ask');
    signal.abort(new CancelledError('changed my mind'));

    expect(await failed).toMatchObject({ code: 'exchange_cancelled' });
    expect(withdrawn).toBe(true);
    expect(await call('a', 'echo', { text: 'still there' }, holder)).toBe('still there');
  });

  it('end with their holder', async () => {
    const holder = new TestHolder('a');
    await call('a', 'remember', { value: 'x' }, holder);
    const before = server.sessions.size;
    holder.end();

    expect(group.view().servers[0]).toMatchObject({ sessions: 0 });
    expect(bench.names('upstream_session.closed')).toEqual([{ group: 'crm', server: 'crm-1', why: 'holder_left' }]);
    if (kind !== 'stdio') await until(() => server.sessions.size < before, 'the session to end');
  });
});
