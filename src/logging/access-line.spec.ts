import { assert, constantFrom, double, oneof, option, property, record, string, type Arbitrary } from 'fast-check';
import type { Logger } from 'pino';

import { finished } from '../../test/support/surfaces.js';
import { displayText } from '../core/display-text.js';
import type { GatewayEvents } from '../core/events.js';
import { METHOD_NAMES } from '../core/method-names.js';
import { AccessLines } from './access-line.js';
import { LogStream } from './log-stream.js';
import { createRootLogger } from './root-logger.js';

type Finished = GatewayEvents['exchange.finished'];

/** What makes a line hard to write. */
const texts = oneof(
  string({ unit: 'binary', maxLength: 200 }),
  string({
    unit: constantFrom(
      '"',
      '\\',
      '\n',
      '\u0000',
      '\u001f',
      '\u007f',
      '\u2028',
      '\u202e',
      '\ud800',
      '\udc00',
      'é',
      '😀',
    ),
  }),
  constantFrom('echo', 'mcp', 'a-b', '', 'x'.repeat(42), 'x'.repeat(43), 'x'.repeat(127) + '😀', '__proto__'),
);
/** Words of our own come from UTF-8, where there are no halves of characters. */
const words = texts.map((text) => text.toWellFormed());
const servers = record({ group: words, server: words });

const events: Arbitrary<Finished> = record({
  exchange: record({
    id: words,
    method: oneof(constantFrom(...METHOD_NAMES), texts),
    route: words,
    target: option(record({ group: words, name: texts }), { nil: undefined }),
    server: option(servers, { nil: undefined }),
    peer: record({
      era: constantFrom('legacy' as const, 'modern' as const),
      revision: texts,
      capabilities: constantFrom({}),
      info: record({ name: texts, version: texts }),
    }),
  }),
  outcome: record({
    status: constantFrom(200, 400, 404, 429, 499, 500, 503, 504),
    reason: constantFrom(undefined, 'upstream_error' as const, 'limit_rate' as const),
    latencyMs: oneof(
      double({ min: 0, max: 100_000, noNaN: true }),
      double(),
      constantFrom(0, -0, 0.0004, 0.0005, 0.1 + 0.2, 999.9995, 1e9 - 1e-7, 1e9, 1e21),
    ),
  }),
}).map(({ exchange, outcome }) => finished(exchange, outcome));

/** The line as a call of the logger writes it. */
function written(logger: Logger, { exchange, outcome }: Finished): void {
  const { server, target, method, peer } = exchange;
  logger[outcome.status >= 500 ? 'warn' : 'info'](
    {
      request_id: exchange.id,
      method: displayText(method),
      tool: target && method === 'tools/call' ? displayText(target.name) : undefined,
      route: exchange.route,
      upstream_group: server?.group ?? target?.group,
      upstream_server: server && `${server.group}/${server.server}`,
      status: outcome.status,
      reason: outcome.reason,
      latency: Math.round(outcome.latencyMs * 1_000) / 1_000,
      client_name: displayText(peer.info.name),
      client_revision: displayText(peer.revision),
    },
    'exchange',
  );
}

describe('the line of an exchange', () => {
  let lines: string[];
  let logger: Logger;
  let access: AccessLines;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 1, 0, 0, 0, 7) });
    lines = [];
    logger = createRootLogger(new LogStream({ write: (line) => lines.push(line) }), 'info');
    access = new AccessLines(logger);
  });

  afterEach(() => vi.useRealTimers());

  const line = (event: Finished) => access.line(event.outcome.status >= 500 ? 'warn' : 'info', event);
  const asPino = (event: Finished) => {
    written(logger, event);
    return lines.pop();
  };

  it('is letter for letter what pino writes, the first time and when it is remembered', () => {
    assert(
      property(events, (event) => {
        const expected = asPino(event);
        expect(line(event)).toBe(expected);
        expect(line(event)).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it('has the time of its millisecond, whatever second that belongs to', () => {
    for (const ms of [0, 1, 1, 992, 1, 1, 60_000, 59_999, 86_400_000]) {
      vi.setSystemTime(Date.now() + ms);
      expect(line(finished())).toBe(asPino(finished()));
    }
  });

  it('has what the logger is bound to', () => {
    const child = logger.child({ worker: 3, name: 'a "b"' });
    access = new AccessLines(child);
    written(child, finished());
    expect(line(finished())).toBe(lines.pop());
    expect(line(finished())).toContain(',"worker":3,');
  });

  it('tells places apart that have words in common', () => {
    const places = [
      { route: 'a', server: { group: 'a', server: 'b' } },
      { route: 'a', server: { group: 'b', server: 'a' } },
      { route: 'b', server: { group: 'a', server: 'b' } },
      { route: 'a', target: { group: 'a', name: 'b' } },
      { route: 'a', target: { group: 'a', name: 'b' }, method: 'prompts/get' },
      { route: 'a' },
    ].map((exchange) => finished(exchange));
    for (const place of [...places, ...places]) expect(line(place)).toBe(asPino(place));
  });
});
