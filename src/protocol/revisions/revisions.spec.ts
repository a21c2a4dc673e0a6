import { METHODS } from '../methods.js';
import {
  ALL_VERSIONS,
  isKnownMethod,
  isModern,
  LATEST_LEGACY,
  LATEST_MODERN,
  MODERN_VERSIONS,
  negotiate,
  revisionOf,
  REVISIONS,
} from './index.js';

const LEGACY = REVISIONS.filter(({ era }) => era === 'legacy');

describe('revisions', () => {
  it('stand in order, those with a handshake first', () => {
    const dates = REVISIONS.map(({ date }) => date);

    expect(dates).toEqual(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28']);
    expect([REVISIONS.at(-1), LEGACY.at(-1)]).toEqual([LATEST_MODERN, LATEST_LEGACY]);
    expect(REVISIONS.slice(0, LEGACY.length)).toEqual(LEGACY);
  });

  it('are offered with the newest first', () => {
    expect(ALL_VERSIONS).toEqual(['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05']);
    expect(MODERN_VERSIONS).toEqual(['2026-07-28']);
  });

  it.each([
    ['2025-11-25', false],
    ['2024-10-07', false],
    ['', false],
    ['2026-07-28', true],
    ['2027-01-01', true],
    ['v999', true],
  ])('are told apart by era in the name "%s"', (version, modern) => {
    expect(isModern(version)).toBe(modern);
  });

  it.each(LEGACY.map(({ date }) => date))('answer a client that asks for %s with the same', (date) => {
    expect(negotiate(date).date).toBe(date);
  });

  it('echo the date of the old draft, which is the first revision but for its name', () => {
    expect(negotiate('2024-10-07')).toEqual({ ...REVISIONS[0], date: '2024-10-07' });
  });

  it('are named in every HTTP message from 2025-06-18 on', () => {
    expect(REVISIONS.map(({ versionHeader }) => versionHeader)).toEqual([false, false, true, true, true]);
  });

  it.each(['2026-07-28', '2031-01-01', '', 'latest', '__proto__'])(
    'offer the newest to a client that asks for "%s"',
    (date) => {
      expect(negotiate(date)).toBe(LATEST_LEGACY);
    },
  );

  it('allow batches in one of them only', () => {
    expect(REVISIONS.filter(({ batches }) => batches).map(({ date }) => date)).toEqual(['2025-03-26']);
  });

  it('number the events of streams from 2025-03-26 on, and begin streams with an empty one in 2025-11-25', () => {
    expect(REVISIONS.map(({ eventIds }) => eventIds)).toEqual([false, true, true, true, false]);
    expect(REVISIONS.map(({ primedStreams }) => primedStreams)).toEqual([false, false, false, true, false]);
  });

  it('know elicitation from 2025-06-18 on, and completions as a capability from 2025-03-26 on', () => {
    expect(REVISIONS.map(({ serverMethods }) => serverMethods.has('elicitation/create'))).toEqual([
      false,
      false,
      true,
      true,
      false,
    ]);
    expect(REVISIONS.map(({ serverCapabilities }) => serverCapabilities.has('completions'))).toEqual([
      false,
      true,
      true,
      true,
      true,
    ]);
  });

  it('know tasks of servers in 2025-11-25, and tasks as an extension after it', () => {
    const knowing = (method: string) =>
      REVISIONS.filter(({ clientMethods }) => clientMethods.has(method)).map(({ date }) => date);

    for (const method of ['tasks/result', 'tasks/list']) expect(knowing(method)).toEqual(['2025-11-25']);
    for (const method of ['tasks/get', 'tasks/cancel']) expect(knowing(method)).toEqual(['2025-11-25', '2026-07-28']);
    expect(knowing('tasks/update')).toEqual(['2026-07-28']);
    const having = REVISIONS.filter(({ serverCapabilities }) => serverCapabilities.has('tasks'));
    expect(having.map(({ date }) => date)).toEqual(['2025-11-25']);
  });

  it('have in the modern era neither handshake nor sessions, and servers that ask nothing', () => {
    const gone = [
      'initialize',
      'ping',
      'logging/setLevel',
      'resources/subscribe',
      'resources/unsubscribe',
      'tasks/result',
      'tasks/list',
    ];

    const dropped = [...LATEST_LEGACY.clientMethods].filter((method) => !LATEST_MODERN.clientMethods.has(method));
    const brought = [...LATEST_MODERN.clientMethods].filter((method) => !LATEST_LEGACY.clientMethods.has(method));

    expect(dropped.toSorted()).toEqual(gone.toSorted());
    expect(brought.toSorted()).toEqual(['server/discover', 'subscriptions/listen', 'tasks/update']);
    expect(LATEST_MODERN.serverMethods.size).toBe(0);
  });

  it('name only methods that the table knows', () => {
    for (const { clientMethods } of REVISIONS) {
      expect([...clientMethods].filter((method) => !METHODS.has(method))).toEqual([]);
    }
  });

  it('tell known methods from unknown ones, before and after one is agreed on', () => {
    expect(isKnownMethod('tools/call')).toBe(true);
    expect(isKnownMethod('tools/call', '2024-11-05')).toBe(true);
    expect(isKnownMethod('sampling/createMessage', '2025-11-25')).toBe(false);
    expect(isKnownMethod('tools/call', '1999-01-01')).toBe(false);
    expect(isKnownMethod('server/discover')).toBe(false);
    expect(isKnownMethod('server/discover', '2026-07-28')).toBe(true);
    expect(revisionOf('1999-01-01')).toBeUndefined();
  });
});
