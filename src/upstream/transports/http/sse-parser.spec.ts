import * as fc from 'fast-check';

import { SseParser } from './sse-parser.js';

function parse(text: string, { pieces = 1, maxBytes = 10_000 } = {}) {
  const heard: string[] = [];
  const ids: string[] = [];
  const retries: number[] = [];
  const parser = new SseParser(maxBytes, {
    event: (data) => heard.push(data.toString()),
    eventId: (id) => ids.push(id),
    retry: (ms) => retries.push(ms),
  });
  const bytes = Buffer.from(text);
  let whole = true;
  const size = Math.max(1, Math.ceil(bytes.length / pieces));
  for (let at = 0; at < bytes.length && whole; at += size) whole = parser.push(bytes.subarray(at, at + size));
  return { heard, ids, retries, whole };
}

describe('SseParser', () => {
  it('hands on the data of each event', () => {
    expect(parse('event: message\ndata: {"a":1}\n\ndata:{"b":2}\n\n').heard).toEqual(['{"a":1}', '{"b":2}']);
  });

  it('joins the lines of one event', () => {
    expect(parse('data: {\ndata: "a":1\ndata: }\n\n').heard).toEqual(['{\n"a":1\n}']);
  });

  it('passes over comments, unknown fields and events without data', () => {
    expect(parse(': hello\n\nfoo: bar\n\nid: 1\ndata:\n\ndata\n\ndata: x\n\n').heard).toEqual(['x']);
  });

  it('passes over a byte order mark', () => {
    expect(parse('\uFEFFdata: x\n\n', { pieces: 12 }).heard).toEqual(['x']);
  });

  it('keeps what is unfinished to itself', () => {
    expect(parse('data: x\n\ndata: y\n').heard).toEqual(['x']);
  });

  it('hears ids and the time to wait, even of events without data', () => {
    const { ids, retries } = parse('id: a\nretry: 500\ndata:\n\nid: b\0\nretry: soon\ndata: x\n\n');

    expect(ids).toEqual(['a']);
    expect(retries).toEqual([500]);
  });

  it('reads any line ends in any pieces alike', () => {
    const end = fc.constantFrom('\n', '\r', '\r\n');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.stringMatching(/^[a-zé]{1,8}$/), end), { minLength: 1 }),
        fc.integer({ min: 1, max: 40 }),
        (events, pieces) => {
          // A line of its own keeps a lone CR and the LF of the next line apart.
          const text = events.map(([data, eol]) => `data: ${data}${eol}${eol}:${eol}`).join('');
          expect(parse(text, { pieces }).heard).toEqual(events.map(([data]) => data));
        },
      ),
    );
  });

  it.each([
    ['in one line', `data: ${'x'.repeat(101)}\n\n`],
    ['in many lines', 'data: xxxxxxxxxx\n'.repeat(20)],
    ['without an end', 'x'.repeat(101)],
  ])('refuses an event longer than allowed, %s', (_, text) => {
    expect(parse(text, { maxBytes: 100 }).whole).toBe(false);
    expect(parse(text, { maxBytes: 100, pieces: 50 }).whole).toBe(false);
  });

  it('takes many events that are each short enough', () => {
    expect(parse('data: xxxxxxxxxx\n\n'.repeat(100), { maxBytes: 100, pieces: 7 })).toMatchObject({ whole: true });
  });
});
