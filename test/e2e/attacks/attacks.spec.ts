import type { Target } from '../../hostile/support/target.ts';
import { brisk } from '../../support/brisk.ts';
import type { Attack } from './support/attack.ts';
import { fortify, seen } from './support/fortress.ts';
import { type Mode, MODES } from './support/mode.ts';
import { CREDENTIAL_ATTACKS } from './tables/credential.attacks.ts';
import { MESSAGE_ATTACKS } from './tables/message.attacks.ts';
import { ORIGIN_ATTACKS } from './tables/origin.attacks.ts';
import { PARSER_ATTACKS } from './tables/parser.attacks.ts';
import { PATH_ATTACKS } from './tables/path.attacks.ts';
import { SESSION_ATTACKS } from './tables/session.attacks.ts';
import { WEBSOCKET_ATTACKS } from './tables/websocket.attacks.ts';

/** How long an attack waits for the connection to be closed. Slow ones are given up by the gateway before that. */
const WITHIN_MS = brisk(600);
const SLOW_MS = brisk(5_000);

const TABLES: readonly (readonly [of: string, attacks: readonly Attack[]])[] = [
  ['sessions', SESSION_ATTACKS],
  ['credentials', CREDENTIAL_ATTACKS],
  ['names and origins', ORIGIN_ATTACKS],
  ['messages', MESSAGE_ATTACKS],
  ['the HTTP parser', PARSER_ATTACKS],
  ['paths and methods', PATH_ATTACKS],
  ['WebSockets', WEBSOCKET_ATTACKS],
];

it('knows enough attacks', () => {
  const all = TABLES.flatMap(([, attacks]) => attacks);
  expect(all.length).toBeGreaterThan(300);
  expect(new Set(all.map(({ row, what }) => `${row} ${what}`)).size).toBe(all.length);
});

describe.each(MODES)('the gateway $name', (mode: Mode) => {
  let target: Target;

  beforeAll(async () => {
    target = await fortify(mode);
  });
  // The known good client is answered, the process lives, and no byte gave anything away.
  afterEach(() => target.unharmed());
  afterAll(() => target?.stop());

  it.each(TABLES)('is not harmed by attacks on %s', async (of, attacks) => {
    // What is posted is always answered and closed, some of it after a while of reading.
    const patience = (row: string): number => (of === 'messages' || row === 'T37' ? SLOW_MS : WITHIN_MS);
    const answers = await Promise.all(
      attacks.map(async ({ row, what, send, expected }) => {
        const wanted = typeof expected === 'function' ? expected(mode) : expected;
        const answer = await target.raw(send(mode.pass, mode), patience(row));
        return [`${row} ${what}`, seen(answer, wanted), wanted] as const;
      }),
    );
    expect(answers.map(([what, got]) => [what, got])).toEqual(answers.map(([what, , wanted]) => [what, wanted]));
  });
});
