import { METHODS } from '../methods.js';
import { isKnownMethod, LATEST_LEGACY, negotiate, revisionOf, REVISIONS } from './index.js';

describe('revisions', () => {
  it('stand in order, the newest with a handshake last', () => {
    const dates = REVISIONS.map(({ date }) => date);

    expect(dates).toEqual(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25']);
    expect(REVISIONS.at(-1)).toBe(LATEST_LEGACY);
  });

  it.each(REVISIONS.map(({ date }) => date))('answer a client that asks for %s with the same', (date) => {
    expect(negotiate(date).date).toBe(date);
  });

  it('echo the date of the old draft, which is the first revision but for its name', () => {
    expect(negotiate('2024-10-07')).toEqual({ ...REVISIONS[0], date: '2024-10-07' });
  });

  it('are named in every HTTP message from 2025-06-18 on', () => {
    expect(REVISIONS.map(({ versionHeader }) => versionHeader)).toEqual([false, false, true, true]);
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

  it('number the events of streams from 2025-03-26 on, and begin streams with an empty one from 2025-11-25 on', () => {
    expect(REVISIONS.map(({ eventIds }) => eventIds)).toEqual([false, true, true, true]);
    expect(REVISIONS.map(({ primedStreams }) => primedStreams)).toEqual([false, false, false, true]);
  });

  it('know elicitation from 2025-06-18 on, and completions as a capability from 2025-03-26 on', () => {
    expect(REVISIONS.map(({ serverMethods }) => serverMethods.has('elicitation/create'))).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(REVISIONS.map(({ serverCapabilities }) => serverCapabilities.has('completions'))).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });

  it('know tasks of servers from 2025-11-25 on', () => {
    const last = [false, false, false, true];

    for (const method of ['tasks/get', 'tasks/result', 'tasks/list', 'tasks/cancel']) {
      expect(REVISIONS.map(({ clientMethods }) => clientMethods.has(method))).toEqual(last);
    }
    expect(REVISIONS.map(({ serverCapabilities }) => serverCapabilities.has('tasks'))).toEqual(last);
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
    expect(revisionOf('1999-01-01')).toBeUndefined();
  });
});
