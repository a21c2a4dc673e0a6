import { exchangeWith } from '../../../test/support/exchanges.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { Cancellation } from '../../core/cancellation.js';
import { CancelledError } from '../../core/errors.js';
import type { Exchange } from '../../core/exchange.js';
import { JsonBytes, type JsonObject } from '../../core/json.js';
import { errorReply, InputRequest, McpRequest, result, type McpReply } from '../../core/message.js';
import { readParams } from '../../protocol/index.js';
import { Rounds } from './rounds.js';

const ALL: JsonObject = { sampling: {}, roots: {}, elicitation: { form: {}, url: {} } };
const FORM = { method: 'elicitation/create', params: { mode: 'form', message: 'Sure?', requestedSchema: {} } };
const PAGE = { method: 'elicitation/create', params: { mode: 'url', message: 'Sign in', url: 'https://a.example' } };
const SAMPLE = { method: 'sampling/createMessage', params: { messages: [], maxTokens: 1 } };
const ROOTS = { method: 'roots/list' };
const DONE: McpReply = { ...result({ resultType: 'complete', content: [] }), type: 'complete' };
const ARGUMENTS = '{"n":1.0, "big":12345678901234567890}';
const CANCELLED = expect.objectContaining({ code: 'exchange_cancelled' });
const SENSELESS = expect.objectContaining({ code: 'upstream_protocol_error' });

/** A modern server that asks as it is told, and a legacy client. */
class Bench {
  readonly clock = new ManualClock();
  readonly signal = new Cancellation();
  readonly exchange: Exchange & { delivered: unknown[] };
  /** Params of each retry. */
  readonly sent: string[] = [];

  constructor(
    private readonly method = 'tools/call',
    declares: JsonObject = ALL,
  ) {
    this.exchange = exchangeWith({ declares, signal: this.signal, method });
  }

  /** @param asked what the server replies, one after the other */
  settle(...asked: (JsonObject | McpReply)[]): Promise<McpReply> {
    const replies = asked.map((each) => ('kind' in each ? (each as McpReply) : asking(each)));
    const params = readParams(Buffer.from(`{"name":"a", "arguments":${ARGUMENTS}}`));
    const send = (request: McpRequest): Promise<McpReply> => {
      this.sent.push(request.params?.bytes.toString() ?? '');
      return Promise.resolve(replies.shift() ?? DONE);
    };
    return new Rounds(this.clock).settle(replies.shift() ?? DONE, {
      request: new McpRequest(this.method, params),
      exchange: this.exchange,
      relay: (message, exchange) => exchange.deliver(message),
      send,
    });
  }

  /** What the client has been asked so far. */
  get asked(): InputRequest[] {
    return this.exchange.delivered.filter((message) => message instanceof InputRequest);
  }
}

function asking(what: JsonObject): McpReply {
  return { ...result({ resultType: 'input_required', ...what }), type: 'input_required' };
}

async function turn(): Promise<void> {
  for (let at = 0; at < 10; at++) await Promise.resolve();
}

describe('a legacy client of a modern server', () => {
  it('is asked what the server asks for, and the request is sent again with the answers', async () => {
    const bench = new Bench();
    const reply = bench.settle({ inputRequests: { ok: FORM, 'r"s': ROOTS }, requestState: 'u-"state' });
    expect(bench.asked.map(({ method, params }) => [method, params?.object()])).toEqual([
      ['elicitation/create', FORM.params],
      ['roots/list', undefined],
    ]);
    const [ok, roots] = bench.asked;
    roots!.answered({ kind: 'result', json: new JsonBytes(Buffer.from('{"roots":[ ],"n":1.0}')) });
    await turn();
    expect(bench.sent).toEqual([]);
    ok!.answered(result({ action: 'accept', content: { yes: true } }));
    expect(await reply).toBe(DONE);
    expect(bench.sent).toEqual([
      `{"inputResponses":{"r\\"s":{"roots":[ ],"n":1.0},"ok":{"action":"accept","content":{"yes":true}}},` +
        `"requestState":"u-\\"state","name":"a","arguments":${ARGUMENTS}}`,
    ]);
  });

  it('is asked again in the next round, with the answers and the state of that round alone', async () => {
    const bench = new Bench();
    const reply = bench.settle({ inputRequests: { a: FORM }, requestState: '1' }, { inputRequests: { b: SAMPLE } });
    bench.asked[0]!.answered(result({ action: 'decline' }));
    await turn();
    bench.asked[1]!.answered(result({ role: 'assistant' }));
    await reply;
    expect(bench.sent.map((params) => JSON.parse(params))).toMatchObject([
      { inputResponses: { a: { action: 'decline' } }, requestState: '1' },
      { inputResponses: { b: { role: 'assistant' } } },
    ]);
    expect(bench.sent[1]).not.toContain('requestState');
  });

  it('that cannot be asked cancels forms, and ends the request where there is no word for that', async () => {
    const forms = new Bench();
    const reply = forms.settle({ inputRequests: { a: FORM } });
    forms.asked[0]!.refused();
    expect(await reply).toBe(DONE);
    expect(JSON.parse(forms.sent[0]!)).toMatchObject({ inputResponses: { a: { action: 'cancel' } } });

    for (const [asked, how] of [
      [SAMPLE, (question: InputRequest) => question.refused()],
      [ROOTS, (question: InputRequest) => question.answered(errorReply(-32601, 'no'))],
      [FORM, (question: InputRequest) => question.answered(errorReply(-1, 'no'))],
    ] as const) {
      const tool = new Bench();
      const failed = tool.settle({ inputRequests: { a: asked } });
      how(tool.asked[0]!);
      const text = `The client did not answer ${asked.method}.`;
      expect((await failed).json.parse()).toEqual({ content: [{ type: 'text', text }], isError: true });
      expect(tool.sent).toEqual([]);

      const prompt = new Bench('prompts/get');
      const refused = prompt.settle({ inputRequests: { a: asked } });
      how(prompt.asked[0]!);
      expect(await refused).toMatchObject({ kind: 'error' });
      expect((await refused).json.object()).toMatchObject({ code: -32603, message: text });
    }
  });

  it('need not answer the rest once one question has no answer', async () => {
    const bench = new Bench();
    const reply = bench.settle({ inputRequests: { a: FORM, b: SAMPLE } });
    const withdrawn = vi.fn();
    const [form, sample] = bench.asked;
    form!.onWithdrawn(withdrawn);
    sample!.refused();
    expect(withdrawn).toHaveBeenCalledTimes(1);
    form!.answered(result({ action: 'accept' }));
    form!.refused();
    expect((await reply).json.object()).toMatchObject({ isError: true });
    expect(bench.sent).toEqual([]);
    const late = vi.fn();
    form!.onWithdrawn(late);
    expect(late).toHaveBeenCalledTimes(1);
  });

  it.each([
    [{}, FORM, { elicitation: { form: {} } }],
    [{ elicitation: {} }, PAGE, { elicitation: { url: {} } }],
    [{ elicitation: { url: {} } }, FORM, { elicitation: { form: {} } }],
    [{ elicitation: {} }, SAMPLE, { sampling: {} }],
    [{ sampling: {} }, { ...SAMPLE, params: { ...SAMPLE.params, tools: [] } }, { sampling: { tools: {} } }],
    [{ sampling: {} }, ROOTS, { roots: {} }],
  ])('that declared %j is not asked for %j', async (declares, asked, required) => {
    const bench = new Bench('tools/call', declares);
    const reply = await bench.settle({ inputRequests: { a: asked } });
    expect(reply.json.object()).toMatchObject({ code: -32021, data: { requiredCapabilities: required } });
    expect([bench.asked, bench.sent]).toEqual([[], []]);
  });

  it('is told which capabilities it lacks all at once', async () => {
    const reply = await new Bench('tools/call', {}).settle({ inputRequests: { a: FORM, b: PAGE, c: ROOTS } });
    const requiredCapabilities = { elicitation: { form: {}, url: {} }, roots: {} };
    expect(reply.json.object()).toMatchObject({ data: { requiredCapabilities } });
  });

  it('is told that what it did on a page is done, once the server has gone on', async () => {
    const bench = new Bench();
    const reply = bench.settle({ inputRequests: { a: PAGE, b: PAGE } }, { inputRequests: { c: FORM } });
    const [first, second] = bench.asked.map(({ params }) => params!.object()['elicitationId']);
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect(second).not.toBe(first);
    expect(bench.asked[0]!.params!.object()).toEqual({ ...PAGE.params, elicitationId: first });
    bench.asked[0]!.answered(result({ action: 'accept' }));
    bench.asked[1]!.answered(result({ action: 'decline' }));
    await turn();
    expect(bench.exchange.delivered).toHaveLength(3);
    bench.asked[2]!.answered(result({ action: 'accept' }));
    await reply;
    const told = bench.exchange.delivered.slice(3) as { method: string; params: JsonBytes }[];
    expect(told.map(({ method, params }) => [method, params.object()])).toEqual([
      ['notifications/elicitation/complete', { elicitationId: first }],
    ]);
  });

  it('waits while the server wants nothing but to be asked again, longer each time', async () => {
    const bench = new Bench();
    const reply = bench.settle({ requestState: '1' }, { requestState: '2' });
    bench.clock.advance(249);
    await turn();
    expect(bench.sent).toHaveLength(0);
    bench.clock.advance(1);
    await turn();
    expect(bench.sent).toHaveLength(1);
    bench.clock.advance(499);
    await turn();
    expect(bench.sent).toHaveLength(1);
    bench.clock.advance(1);
    expect(await reply).toBe(DONE);
    expect(bench.sent.map((params) => (JSON.parse(params) as JsonObject)['requestState'])).toEqual(['1', '2']);
    expect(bench.clock.timers).toBe(0);
  });

  it('is asked ten times and not once more', async () => {
    const bench = new Bench();
    const reply = bench.settle(...Array.from({ length: 11 }, () => ({ inputRequests: { a: ROOTS } })));
    const failed = expect(reply).rejects.toThrow(SENSELESS);
    for (let round = 0; round < 10; round++) {
      bench.asked[round]!.answered(result({ roots: [] }));
      await turn();
    }
    await failed;
    expect([bench.asked.length, bench.sent.length]).toEqual([10, 10]);
  });

  it('is asked nothing any more when it has gone away', async () => {
    const asked = new Bench();
    const reply = asked.settle({ inputRequests: { a: FORM } });
    const withdrawn = vi.fn();
    asked.asked[0]!.onWithdrawn(withdrawn);
    asked.signal.abort(new CancelledError());
    await expect(reply).rejects.toThrow(CANCELLED);
    expect(withdrawn).toHaveBeenCalledTimes(1);
    asked.asked[0]!.answered(result({ action: 'accept' }));
    expect(asked.sent).toEqual([]);

    const pausing = new Bench();
    const paused = pausing.settle({ requestState: '1' });
    pausing.signal.abort(new CancelledError());
    await expect(paused).rejects.toThrow(CANCELLED);
    expect(pausing.clock.timers).toBe(0);

    const gone = new Bench();
    gone.signal.abort(new CancelledError());
    await expect(gone.settle({ inputRequests: { a: FORM } })).rejects.toThrow(CANCELLED);
    await expect(gone.settle({ requestState: '1' })).rejects.toThrow(CANCELLED);
    expect(gone.asked).toEqual([]);
  });

  it.each([
    {},
    { inputRequests: {} },
    { inputRequests: [FORM] },
    { inputRequests: { a: 1 } },
    { inputRequests: { a: {} } },
    { inputRequests: { a: { method: 'tools/call' } } },
    { inputRequests: { a: { ...FORM, params: [] } } },
    { inputRequests: Object.fromEntries(Array.from({ length: 65 }, (_, key) => [`k${key}`, ROOTS])) },
    { requestState: 1 },
  ])('is not asked what makes no sense: %j', async (asked) => {
    const bench = new Bench();
    await expect(bench.settle(asked as JsonObject)).rejects.toThrow(SENSELESS);
    expect(bench.asked).toEqual([]);
  });

  it('gets the error with which the server ends it', async () => {
    const bench = new Bench();
    const error = errorReply(-32000, 'no');
    const reply = bench.settle({ inputRequests: { a: PAGE } }, error);
    bench.asked[0]!.answered(result({ action: 'accept' }));
    expect(await reply).toBe(error);
    expect(bench.exchange.delivered).toHaveLength(1);
  });
});
