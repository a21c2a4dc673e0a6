import * as fc from 'fast-check';

import { Interleaving, type Step } from './support/interleaving.ts';

const OFTEN = ['reply', 'progress', 'log', 'ask', 'answer', 'answer', 'steal', 'cancel'] as const;
const SELDOM = ['withdraw', 'drop'] as const;
const STEPS: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    does: fc.oneof(
      { weight: 4, arbitrary: fc.constant('call' as const) },
      {
        weight: 8,
        arbitrary: fc.constantFrom(...OFTEN),
      },
      { weight: 1, arbitrary: fc.constantFrom(...SELDOM) },
    ),
    client: fc.nat({ max: 4 }),
    whom: fc.nat({ max: 1_000 }),
  }),
  { maxLength: 60, size: 'max' },
);

const HOUSES = [
  ['auto', true],
  ['auto', false],
  ['principal', true],
  ['principal', false],
  ['session', false],
  ['shared', true],
] as const;

describe.each(HOUSES)(
  'clients with equal ids and tokens (isolation %s, origins known: %s)',
  (isolation, knowsOrigin) => {
    it('hear each what is theirs, once, and answer for themselves alone', async () => {
      let heard = 0;
      let answered = 0;
      await fc.assert(
        fc.asyncProperty(STEPS, async (steps) => {
          const run = await Interleaving.begin(isolation, knowsOrigin);
          for (const step of steps) await run.take(step);
          await run.end();
          for (const index of run.clients.keys()) heard += expectItsOwn(run, index);
          answered += expectAnswersToBeRight(run);
        }),
        { numRuns: 500 },
      );
      expect(heard).toBeGreaterThan(100);
      if (isolation !== 'shared') expect(answered).toBeGreaterThan(0);
    });
  },
);

/** @returns how many replies it got */
function expectItsOwn({ clients, asked, dropped }: Interleaving, index: number): number {
  const { heard } = clients[index]!;
  const own = asked.filter(({ client }) => client === index);
  const replies = heard.filter(({ message }) => !('method' in message));
  for (const { message, on } of heard) {
    const { method, id, result, params } = message as {
      method?: string;
      id?: number | string;
      result?: { n: number };
      params?: { progressToken?: number | string; message?: string; data?: number };
    };
    if (method === 'notifications/cancelled') continue;
    const n = Number(result?.n ?? params?.data ?? params?.message);
    const request = own.find((each) => each.n === n);
    expect(request, `${index} was told of ${n} by ${method ?? 'a reply'}`).toBeDefined();
    if (!method) expect(id).toBe(request?.id);
    if (params?.progressToken !== undefined && method !== 'elicitation/create')
      expect(params.progressToken).toBe(request?.id);
    // What may be for any request of a session comes along with any of them.
    const isCertain = !method || method === 'notifications/progress';
    if (isCertain && on !== undefined) expect(on).toBe(request?.id);
  }
  for (const { n, isCancelled } of own) {
    const times = replies.filter(({ message }) => (message['result'] as { n?: number } | undefined)?.n === n).length;
    if (dropped.has(index) || isCancelled) expect(times).toBeLessThanOrEqual(isCancelled ? 0 : 1);
    else expect(times, `replies to ${n}`).toBe(1);
  }
  // What it is still sent when it has left goes nowhere, but must be about nothing but its questions.
  const after = heard.slice(dropped.get(index) ?? heard.length);
  for (const { message } of after) expect(message['method']).toBe('notifications/cancelled');
  return replies.length;
}

/** @returns how many were answered by a client */
function expectAnswersToBeRight(run: Interleaving): number {
  let byClients = 0;
  expect(run.leftOpen).toEqual([]);
  for (const question of run.questions) {
    const answers = run.answersTo(question) as { result?: { action: string; content?: { by: number; to: string } } }[];
    expect(answers.length, `answers to question ${question.id}`).toBeLessThanOrEqual(1);
    if (answers.length === 0 && !question.isWithdrawn && !question.wire.closed) throw new Error('never answered');
    const said = answers[0]?.result;
    if (said?.action !== 'accept') continue;
    byClients++;
    expect(said.content).toEqual({ by: run.asked[question.of]?.client, to: String(question.of) });
  }
  return byClients;
}
