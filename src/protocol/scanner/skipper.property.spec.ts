import { isUtf8 } from 'node:buffer';

import * as fc from 'fast-check';

import type { Incoming } from '../incoming.js';
import { Lexer } from './lexer.js';
import { BROKEN, TOO_DEEP } from './outcome.js';
import { scanWith } from './scan.js';
import { type Skipper, skipper } from './skipper.js';

/** How many times as long as in every run: MCP_GATEWAY_FUZZ=100 takes a few minutes. */
const EFFORT = Number(process.env['MCP_GATEWAY_FUZZ'] ?? 1);
const ROOM = 64;
/** Bytes that a skipper looks at together: whatever begins or ends near their borders is tried. */
const BLOCK = 64;
const WINDOW = 16_384;

const native = skipper();
if (!native) throw new Error('this Node has no WebAssembly with vectors');

/** Where the text ends after its first value, or what is wrong with it. */
function end(bytes: Buffer, help: Skipper | undefined, { room = ROOM, keys = 1_000 } = {}): number {
  const lexer = new Lexer();
  lexer.begin(bytes, keys, help);
  const after = lexer.value(lexer.space(0), room);
  return after < 0 ? after : lexer.space(after);
}

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    return true;
  } catch {
    return false;
  }
}

/** Both ways must come to the same position or refusal, and to the verdict of `JSON.parse` where that has one. */
function expectAlike(bytes: Buffer): void {
  const found = end(bytes, native);
  expect(found).toBe(end(bytes, undefined));
  const isWhole = found === bytes.length && isUtf8(bytes);
  if (isWhole || found === BROKEN) expect(isJson(bytes)).toBe(isWhole);
}

const RARE = [
  ['-0', '0', '-', '01', '1.', '.5', '1e5', '1E+5', '1e-', '-1.25e-300', '1e400', '9'.repeat(40), 'true', 'fals'],
  ['null', 'nul', 'True', 'NaN', '"\\u00e9"', '"\\ud800"', '"\\u00g0"', '"\\x"', '"\\"', '"\\\\"', '"\\\\\\""'],
  ['"\n"', '"\0"', '"\u007f"', '"é😀"', '"\u2028"', '[]', '{}', '[[]]', '{"":{}}', '[,]', '[1,]', '{"a"}', '{"a":}'],
  ['{"a":1,}', '{,}', '[1 2]', '{"a":1 "b":2}', '{1:2}', '["a":1]', '{"a":1]', '[1}', '"', '[', '{', ']', ':', ','],
].flat();
const space = fc.constantFrom('', '', '', ' ', '\n  ', '\t\r\n', ' '.repeat(70), '\f', '\u00a0');
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 100 }).map((value) => JSON.stringify(value)),
  fc.nat({ max: 200 }).map((length) => `"${'x'.repeat(length)}"`),
  fc.nat({ max: 100 }).map((length) => `"${'\\"'.repeat(length)}"`),
);
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    { weight: 4, arbitrary: fc.oneof(text, fc.double({ noNaN: true }).map(JSON.stringify), fc.integer().map(String)) },
    { weight: 1, arbitrary: fc.constantFrom(...RARE) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fc.array(tie('value'), { maxLength: 6 }), space)
        .map(([all, gap]) => `[${gap}${all.join(`${gap},`)}]`),
    },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fc.array(fc.tuple(text, tie('value')), { maxLength: 6 }), space)
        .map(([all, gap]) => `{${all.map(([key, inside]) => `${gap}${key}${gap}:${gap}${inside}`).join()}${gap}}`),
    },
  ),
}));

const byte = fc.oneof(
  fc.constantFrom(
    ...Buffer.from('{}[]:,"\\ \n0123456789.eE+-tfn/u'),
    0,
    0x1f,
    0x7f,
    0x80,
    0xbf,
    0xc0,
    0xed,
    0xf5,
    0xff,
  ),
  fc.nat({ max: 255 }),
);
const change = fc.tuple(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.nat({ max: 2 }),
  fc.array(byte, { maxLength: 2 }),
);

function changed(bytes: Buffer, [share, drop, add]: [number, number, number[]]): Buffer {
  const place = Math.floor(share * bytes.length);
  return Buffer.concat([bytes.subarray(0, place), Buffer.from(add), bytes.subarray(place + drop)]);
}

describe('the skipper and the lexer', () => {
  it('agree with each other and with JSON.parse', () => {
    fc.assert(
      fc.property(value, (json) => expectAlike(Buffer.from(json))),
      { numRuns: 3_000 * EFFORT },
    );
  });

  it('agree on bytes that were changed, lost or added', () => {
    fc.assert(
      fc.property(value, fc.array(change, { minLength: 1, maxLength: 3 }), (json, changes) =>
        expectAlike(changes.reduce(changed, Buffer.from(json))),
      ),
      { numRuns: 4_000 * EFFORT },
    );
  });

  it('agree on bytes that are nothing in particular', () => {
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 40 }), (bytes) => expectAlike(Buffer.from([0x5b, ...bytes, 0x5d]))),
      { numRuns: 4_000 * EFFORT },
    );
  });

  it('agree wherever a text is cut off, and wherever a thing stands in its block', () => {
    const things = [
      '"a\\"b"',
      '"\\u00e9"',
      '-12.5e+7',
      'false',
      '{"key":[1,"",null]}',
      '"é"',
      '"\n"',
      '"\\x"',
      '1x',
      '}',
    ];
    for (const thing of things) {
      for (let before = 0; before < BLOCK + 20; before++) {
        for (const filler of [`["${'x'.repeat(before)}",`, `[${' '.repeat(before)}`]) {
          const whole = Buffer.from(`${filler}${thing}]`);
          expectAlike(whole);
          for (let length = whole.length - thing.length - 1; length < whole.length; length++) {
            expectAlike(whole.subarray(0, length));
          }
        }
      }
    }
  });

  it('agree where the window ends in the middle of anything', () => {
    const thing = '{"a\\"\\u00e9":[-12.5e+7,true,null,"\\\\",{}],"b" : "é"}';
    for (let before = WINDOW - thing.length - 8; before < WINDOW + 2; before++) {
      const whole = Buffer.from(`["${'x'.repeat(before)}",${thing},1]`);
      expect(end(whole, native)).toBe(whole.length);
      const broken = Buffer.from(whole);
      broken[WINDOW] = 0x01;
      expectAlike(broken);
      expectAlike(whole.subarray(0, WINDOW));
    }
  });

  it('agree on texts of many windows, changed anywhere', () => {
    const row = '{"n":-1.5,"text":"quoted \\"é\\" \\u0041","tags":["a",null,true],"none":{}}';
    const whole = Buffer.from(`[${Array.from({ length: 1_200 }, () => row).join(', ')}]`);
    expect(end(whole, native)).toBe(whole.length);
    fc.assert(
      fc.property(change, (one) => expectAlike(changed(whole, one))),
      { numRuns: 60 * EFFORT },
    );
  });

  it('agree on what is longer than a window and of one piece', () => {
    for (const piece of [
      '9'.repeat(50_000),
      ' '.repeat(50_000),
      `"${'\\n'.repeat(50_000)}"`,
      `0.${'1'.repeat(WINDOW)}x`,
    ]) {
      expectAlike(Buffer.from(`[[[[{"a":[${piece}]}]]],1]`));
      expectAlike(Buffer.from(`[[${piece}1]]`));
    }
  });

  it('agree on depth and on how many members there are, to the last one', () => {
    const nested = (depth: number) => Buffer.from('[{"a":'.repeat(depth) + '0' + '}]'.repeat(depth));
    const wide = (keys: number) => Buffer.from(`[{${Array.from({ length: keys }, (_, n) => `"${n}":{}`).join()}}]`);
    for (const help of [native, undefined]) {
      expect(end(nested(10), help, { room: 20 })).toBe(nested(10).length);
      expect(end(nested(10), help, { room: 19 })).toBe(TOO_DEEP);
      expect(end(nested(500), help, { room: 1_000 })).toBe(nested(500).length);
      expect(end(wide(9), help, { keys: 9 })).toBe(wide(9).length);
      for (const json of [wide(10), Buffer.from('[{"a":1,}]'), Buffer.from('[{}]'), Buffer.from('[{"a"]')]) {
        for (const keys of [0, 1, 9]) expect(end(json, help, { keys })).toBe(end(json, undefined, { keys }));
      }
    }
  });

  it('find the same message in the same bytes', () => {
    fc.assert(
      fc.property(value, value, text, fc.array(change, { maxLength: 1 }), (args, meta, id, changes) => {
        const json = `{"jsonrpc":"2.0","id":${id},"method":"tools/call","x":[${args}],"params":{"name":${id},"arguments":${args},"_meta":{"progressToken":1,"a":${meta}}}}`;
        const frame = changes.reduce(changed, Buffer.from(json));
        const limits = { maxBytes: 1 << 20, maxDepth: 32, maxKeys: 20, batch: true };
        const batch = Buffer.concat([Buffer.from('['), frame, Buffer.from(',['), frame, Buffer.from(']]')]);
        for (const whole of [frame, batch]) {
          expect(told(scanWith(native, whole, limits))).toEqual(told(scanWith(undefined, whole, limits)));
        }
      }),
      { numRuns: 500 * EFFORT },
    );
  });
});

/** Everything that a scan has found out. */
function told(incoming: Incoming): unknown {
  if (incoming.kind === 'batch') return incoming.messages.map(told);
  if (incoming.kind === 'malformed') return [incoming.error.rule, incoming.error.message, incoming.id?.value];
  const id = incoming.kind === 'notification' ? undefined : incoming.id.value;
  if (incoming.kind === 'reply') return [id, incoming.reply.kind, incoming.reply.json.bytes.toString('latin1')];
  const { kind, method, params } = incoming;
  const { name, arguments: args, meta, progressToken } = params?.spans ?? {};
  return [kind, id, method, params?.bytes.toString('latin1'), name, args, meta, progressToken];
}
