import * as fc from 'fast-check';
import { NEVER } from 'rxjs';

import type { Json } from '../../test/support/downstream.js';
import { ManualClock } from '../../test/support/manual-clock.js';
import { ANSWERS_EVERYTHING, Question } from '../../test/support/questions.js';
import type { ConfigService } from '../config/index.js';
import { Flow } from '../core/flow.js';
import type { JsonObject } from '../core/json.js';
import { result } from '../core/message.js';
import { ANONYMOUS } from '../core/principal.js';
import { Session } from '../session/index.js';
import { InputCourier } from './input-courier.js';
import { SessionCourier } from './session-courier.js';

const INPUT_MS = 1_000;

/** Clients on voices of their own, and what each was sent. */
function house(clients: number) {
  const clock = new ManualClock();
  const config = { get: () => ({ input: INPUT_MS }), changes: NEVER } as unknown as ConfigService;
  const courier = new SessionCourier(new InputCourier(clock, config));
  const sent: Json[][] = [];
  const sessions = Array.from({ length: clients }, (_, index) => {
    const frames: Json[] = [];
    sent.push(frames);
    const session = new Session(`s${index}`, ANONYMOUS, 'mcp');
    const capabilities = ANSWERS_EVERYTHING as JsonObject;
    session.peer = { era: 'legacy', revision: '2025-11-25', capabilities, info: { name: 'desk', version: '2' } };
    session.courier = courier;
    session.voice = { flow: new Flow(), send: (frame) => void frames.push(JSON.parse(frame.toString()) as Json) };
    return session;
  });
  return { clock, sessions, sent };
}

/** One thing that happens: to one client, about one of all the questions that were ever asked. */
const STEPS = fc.array(
  fc.record({
    does: fc.constantFrom('ask', 'answer', 'answer', 'withdraw', 'wait', 'leave'),
    client: fc.nat({ max: 4 }),
    about: fc.nat({ max: 200 }),
  }),
  { maxLength: 120 },
);

describe('the courier of input requests', () => {
  it('brings every answer to its own asker, and every question to an end, in whatever order things happen', () => {
    fc.assert(
      fc.property(STEPS, (steps) => {
        const { clock, sessions, sent } = house(5);
        const asked: { question: Question; client: number; id: unknown }[] = [];
        const withdrawn = new Set<Question>();
        for (const [nth, { does, client, about }] of steps.entries()) {
          const session = sessions[client]!;
          const one = asked[about % Math.max(1, asked.length)];
          if (does === 'ask') {
            const question = new Question('roots/list');
            const before = sent[client]!.length;
            session.deliver(question.request);
            asked.push({ question, client, id: sent[client]![before]?.['id'] });
          } else if (does === 'leave' && nth % 5 === 0) session.end();
          else if (does === 'wait') clock.advance(INPUT_MS / 4);
          else if (one && does === 'withdraw') {
            if (one.question.answers.length === 0) withdrawn.add(one.question);
            one.question.withdraw();
          } else if (one && does === 'answer' && typeof one.id === 'string') {
            // Whoever answers: only the one who was asked may be heard.
            session.inputs.answered(one.id, result({ by: client, to: one.id }));
          }
        }
        for (const { question, client, id } of asked) {
          const [first] = question.answers as { result?: unknown }[];
          expect(question.answers.length).toBeLessThanOrEqual(1);
          if (first?.result) expect(first.result).toEqual({ by: client, to: id });
          if (withdrawn.has(question)) expect(question.answers).toEqual([]);
        }
        clock.advance(INPUT_MS);
        expect(sessions.map(({ inputs }) => inputs.size)).toEqual([0, 0, 0, 0, 0]);
        for (const { question } of asked) expect(question.answers.length > 0 || withdrawn.has(question)).toBe(true);
        expect(new Set(asked.map(({ id }) => id).filter(Boolean)).size).toBe(asked.filter(({ id }) => id).length);
      }),
      { numRuns: 300 },
    );
  });

  it('takes an id for that of another type for nothing', () => {
    const { sessions, sent } = house(1);
    const question = new Question('roots/list');
    sessions[0]?.deliver(question.request);
    const id = String(sent[0]?.[0]?.['id']);
    expect(sessions[0]?.inputs.answered(0, result({}))).toBe(false);
    expect(sessions[0]?.inputs.answered(`${id} `, result({}))).toBe(false);
    expect(question.answers).toEqual([]);
  });

  it('asks along with any answer that has room for it where there is no voice, and refuses where there is none', () => {
    const { sessions } = house(1);
    const session = sessions[0]!;
    session.voice = undefined;
    const carried: Buffer[] = [];
    const exchange = (hasRoom: boolean) => ({
      deadline: 0,
      server: undefined,
      carry: (frame: Buffer) => hasRoom && carried.push(frame) > 0,
      standStill: () => undefined,
      goOn: () => undefined,
      cancel: () => undefined,
      fail: () => undefined,
    });
    session.inFlight.set(1, exchange(false));
    const refused = new Question('roots/list');
    session.deliver(refused.request);
    expect(refused.answers).toMatchObject([{ error: { code: -32601 } }]);
    session.inFlight.set(2, exchange(true));
    const asked = new Question('roots/list');
    session.deliver(asked.request);
    session.deliver({ kind: 'notification', method: 'notifications/tools/list_changed', params: undefined });
    expect(carried.map((frame) => frame.toString())).toEqual([expect.stringContaining('roots/list')]);
    expect(asked.answers).toEqual([]);
  });

  it('refuses what is asked of a session that is not here, or not yet introduced', () => {
    const session = new Session('s', ANONYMOUS, 'mcp');
    const question = new Question('sampling/createMessage');
    session.deliver(question.request);
    session.deliver({ kind: 'notification', method: 'notifications/tools/list_changed', params: undefined });
    expect(question.answers).toMatchObject([{ error: { code: -1 } }]);
  });
});
