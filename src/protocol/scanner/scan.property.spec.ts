import { isUtf8 } from 'node:buffer';

import * as fc from 'fast-check';

import { isObject, type JsonObject, type JsonValue } from '../../core/json.js';
import type { ParamSpans } from '../../core/message.js';
import type { Incoming } from '../incoming.js';
import { scan } from './scan.js';

const LIMITS = { maxBytes: 1 << 20, maxDepth: 64, batch: false };

const TOP = ['jsonrpc', 'id', 'method', 'params', 'result', 'error'];
const SPANS = {
  name: 'name',
  uri: 'uri',
  ref: 'ref',
  cursor: 'cursor',
  arguments: 'arguments',
  requestId: 'requestId',
  token: 'progressToken',
  meta: '_meta',
} as const satisfies Partial<Record<keyof ParamSpans, string>>;

/** What a message is, said by `JSON.parse` and the rules in their simplest form. */
interface Verdict {
  readonly kind: string;
  readonly code?: string;
  readonly id?: JsonValue | undefined;
  readonly parsed?: JsonObject;
}

/** The members of the object that a JSON text is, with all that `JSON.parse` would drop. */
function membersOf(text: string): [key: string, value: string][] {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs) ?? [];
  const members: [string, string][] = [];
  let depth = 0;
  let key: string | undefined;
  let value = '';
  for (const token of tokens) {
    if (token === '}' || token === ']') depth--;
    if (depth === 1 && key === undefined && token !== ',') key = JSON.parse(token) as string;
    else if (depth === 1 && token === ',') {
      members.push([key ?? '', value]);
      key = undefined;
      value = '';
    } else if (depth >= 1 && !(depth === 1 && token === ':')) value += token;
    if (token === '{' || token === '[') depth++;
  }
  if (key !== undefined) members.push([key, value]);
  return members;
}

function repeats(members: readonly [string, string][], known: readonly string[]): boolean {
  return known.some((name) => members.filter(([key]) => key === name).length > 1);
}

function hasRepeats(text: string): boolean {
  const top = membersOf(text);
  if (repeats(top, TOP)) return true;
  const params = top.find(([key]) => key === 'params')?.[1] ?? '';
  if (!params.startsWith('{')) return false;
  const inParams = membersOf(params);
  if (repeats(inParams, Object.values(SPANS))) return true;
  const meta = inParams.find(([key]) => key === '_meta')?.[1] ?? '';
  return meta.startsWith('{') && repeats(membersOf(meta), ['progressToken']);
}

function isId(value: unknown): value is string | number {
  return typeof value === 'string' || Number.isSafeInteger(value);
}

function judge(text: string): Verdict {
  let parsed: JsonValue;
  try {
    parsed = JSON.parse(text) as JsonValue;
  } catch {
    return { kind: 'malformed', code: 'protocol_parse_error' };
  }
  if (!isObject(parsed)) return { kind: 'malformed', code: 'protocol_malformed' };
  const has = (key: string) => Object.hasOwn(parsed, key);
  const idRepeats = repeats(membersOf(text), ['id']);
  const id = has('id') && !idRepeats && isId(parsed['id']) ? parsed['id'] : undefined;
  const wrong = (code = 'protocol_malformed'): Verdict => ({ kind: 'malformed', code, id });
  if (hasRepeats(text) || parsed['jsonrpc'] !== '2.0') return wrong();
  if (!has('method')) {
    if (has('result') === has('error') || id === undefined) return wrong();
    const { result, error } = parsed;
    if (has('result')) return isObject(result) ? { kind: 'reply', id, parsed } : wrong();
    return isObject(error) && Number.isSafeInteger(error['code']) && typeof error['message'] === 'string'
      ? { kind: 'reply', id, parsed }
      : wrong();
  }
  if (has('id') && id === undefined) return wrong();
  const { method, params } = parsed;
  if (has('result') || has('error') || typeof method !== 'string' || method.length > 128) return wrong();
  if (has('params')) {
    if (!isObject(params)) return wrong();
    const { _meta: meta } = params;
    if (Object.hasOwn(params, '_meta')) {
      if (!isObject(meta)) return wrong('protocol_invalid_params');
      if (Object.hasOwn(meta, 'progressToken') && !isId(meta['progressToken'])) return wrong('protocol_invalid_params');
    }
  }
  return { kind: id === undefined ? 'notification' : 'request', id, parsed };
}

function expectVerdict(incoming: Incoming, { kind, code, id, parsed }: Verdict): void {
  expect(incoming.kind).toBe(kind);
  if (incoming.kind === 'batch') return;
  if (incoming.kind === 'malformed') {
    expect(incoming.error.code).toBe(code);
    expect(incoming.id?.value).toBe(id);
    return;
  }
  if (incoming.kind !== 'notification') {
    expect(incoming.id.value).toBe(id);
    expect(JSON.parse(incoming.id.bytes.toString())).toBe(id);
  }
  if (incoming.kind === 'reply') {
    expect(incoming.reply.json.parse()).toEqual(parsed?.[incoming.reply.kind]);
    return;
  }
  expect(incoming.method).toBe(parsed?.['method']);
  const params = parsed?.['params'];
  expect(incoming.params?.parse()).toEqual(params);
  if (!isObject(params)) return;
  for (const [span, key] of Object.entries(SPANS)) {
    expect(incoming.params?.read(span as keyof ParamSpans)).toEqual(
      Object.hasOwn(params, key) ? params[key] : undefined,
    );
  }
  const { _meta: meta } = params;
  expect(incoming.params?.read('progressToken')).toEqual(isObject(meta) ? meta['progressToken'] : undefined);
}

/** Now and then an escape where none is needed. */
const spelledKey = (key: string) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant(JSON.stringify(key)) },
    {
      weight: 1,
      arbitrary: fc.nat({ max: key.length - 1 }).map((at) => {
        const code = key.charCodeAt(at).toString(16).padStart(4, '0');
        return `"${key.slice(0, at)}\\u${code}${key.slice(at + 1)}"`;
      }),
    },
  );
const space = fc.constantFrom('', '', '', '', ' ', '\n', '\t\r ');
const json = fc.oneof(
  fc.json({ maxDepth: 3 }),
  fc.string({ unit: 'binary', maxLength: 300 }).map((text) => JSON.stringify(text)),
  fc.constantFrom('"a\\/\\u00e9\\ud800"', '1e400', '-0', '12345678901234567890', '[[[[]]]]', '{"__proto__":{"a":1}}'),
);

const objectOf = (members: readonly (readonly [string, fc.Arbitrary<string>])[]) =>
  fc
    .tuple(
      fc.shuffledSubarray([...members, ...members.slice(0, 1)], { minLength: 0 }),
      fc.integer({ min: 0, max: 20 }),
      space,
    )
    .chain(([chosen, luck, gap]) => {
      // Mostly everything once; sometimes a member is missing, or the first of them is there twice.
      const some = luck < 3 ? chosen : luck < 5 ? [...members, ...members.slice(0, 1)] : members;
      const parts = some.map(([key, value]) =>
        fc.tuple(spelledKey(key), space, value).map(([k, s, v]) => `${s}${k}${s}:${s}${v}${s}`),
      );
      return fc.tuple(...parts).map((texts) => `{${gap}${texts.join(',')}}`);
    });

const or = (common: fc.Arbitrary<string>, weight = 10) =>
  fc.oneof({ weight, arbitrary: common }, { weight: 1, arbitrary: json });
const id = fc.oneof(
  fc.integer().map(String),
  fc.string().map((text) => JSON.stringify(text)),
  fc.constantFrom('0', '""', '"0"', '1.0', '1e2', '1.5', 'null', '9007199254740991', '9007199254740993', '-1', '1e-1'),
);
const meta = objectOf([
  ['progressToken', or(id)],
  ['io.example/other', json],
]);
const params = objectOf([
  ['name', or(fc.constantFrom('"echo"', '"a__b"', '"\\u0061"', '""'))],
  ['arguments', json],
  ['_meta', or(meta)],
  ['uri', json],
  ['cursor', json],
  ['x', json],
]);
const version = ['jsonrpc', or(fc.constantFrom('"2.0"', '"2.0"', '"2.0"', '"2\\u002e0"'), 30)] as const;
const call = objectOf([
  ['id', or(id)],
  version,
  ['method', or(fc.constantFrom('"tools/call"', '"ping"', '"tools\\/list"', '"nöpe"', `"${'m'.repeat(129)}"`))],
  ['params', or(params)],
  ['extra', json],
]);
const notification = objectOf([
  version,
  [
    'params',
    or(
      objectOf([
        ['requestId', or(id)],
        ['progressToken', or(id)],
        ['reason', json],
      ]),
    ),
  ],
  ['method', fc.constantFrom('"notifications/cancelled"', '"notifications/progress"', '"notifications/other"')],
]);
const reply = objectOf([
  ['id', or(id)],
  version,
  ['result', or(fc.object({ maxDepth: 2 }).map((value) => JSON.stringify(value)))],
]);
const failure = objectOf([
  ['error', or(fc.constantFrom('{"code":-32603,"message":"no"}', '{"code":1.5,"message":"no"}', '{"code":1}'))],
  version,
  ['id', or(id)],
]);
const message = fc.oneof(call, call, call, notification, reply, failure, json);

/** Bytes that matter to JSON, and some that never may stand in it. */
const byte = fc.oneof(
  fc.constantFrom(...Buffer.from('{}[]:,"\\ \n\t0123456789.eE+-truefalsn/ub'), 0, 0x1f, 0x7f, 0x80, 0xc3, 0xff),
  fc.nat({ max: 255 }),
);
const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  drop: fc.nat({ max: 2 }),
  add: fc.array(byte, { maxLength: 2 }),
});

function mutate(bytes: Buffer, { at, drop, add }: { at: number; drop: number; add: number[] }): Buffer {
  const place = Math.floor(at * bytes.length);
  return Buffer.concat([bytes.subarray(0, place), Buffer.from(add), bytes.subarray(place + drop)]);
}

function judgeBytes(frame: Buffer): Verdict {
  return isUtf8(frame) ? judge(frame.toString()) : { kind: 'malformed', code: 'protocol_parse_error' };
}

describe('a scanned message', () => {
  it('is what JSON.parse and the shape rules make of it', () => {
    fc.assert(
      fc.property(message, (text) => {
        const frame = Buffer.from(text);
        expectVerdict(scan(frame, LIMITS), judgeBytes(frame));
      }),
      { numRuns: 4_000 },
    );
  });

  it('is what they make of it when bytes of it were changed', () => {
    fc.assert(
      fc.property(message, fc.array(mutation, { minLength: 1, maxLength: 3 }), (text, mutations) => {
        const frame = mutations.reduce(mutate, Buffer.from(text));
        expectVerdict(scan(frame, LIMITS), judgeBytes(frame));
      }),
      { numRuns: 8_000 },
    );
  });

  it('is what they make of it however long its strings are', () => {
    const stretch = fc.tuple(
      fc.nat({ max: 5_000 }),
      fc.constantFrom('\\n', '\\"', '\\\\', '\\u00e9', 'é', '","y":"', '\n', '\0', '\u001f', '\\', '"', ' '),
    );
    fc.assert(
      fc.property(fc.array(stretch, { minLength: 1, maxLength: 5 }), fc.nat({ max: 3 }), (stretches, shift) => {
        const text = stretches.map(([length, end]) => 'x'.repeat(length) + end).join('');
        const frame = Buffer.from(`{"jsonrpc":"2.0","method":"m${'m'.repeat(shift)}","params":{"x":"${text}"}}`);
        expectVerdict(scan(frame, LIMITS), judgeBytes(frame));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is refused wherever it is cut off', () => {
    fc.assert(
      fc.property(call, fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (text, at) => {
        const whole = Buffer.from(text);
        const incoming = scan(whole.subarray(0, Math.floor(at * whole.length)), LIMITS);
        expect(incoming).toMatchObject({ kind: 'malformed', error: { code: 'protocol_parse_error' } });
      }),
    );
  });

  it('takes another name, token or id by splicing, and nothing else changes', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.jsonValue(), (name, token, args) => {
        const frame = Buffer.from(
          JSON.stringify({
            jsonrpc: '2.0',
            id: 7,
            method: 'tools/call',
            params: { name: 'old', arguments: args, _meta: { progressToken: 1, a: 2 } },
          }),
        );
        const incoming = scan(frame, LIMITS);
        if (incoming.kind !== 'request' || !incoming.params) throw new Error('not a request');
        const { params } = incoming;
        const { name: nameAt, progressToken } = params.spans;
        if (!nameAt || !progressToken) throw new Error('no spans');
        const spliced = params.spliced([
          { at: progressToken, bytes: Buffer.from(JSON.stringify(token)) },
          { at: nameAt, bytes: Buffer.from(JSON.stringify(name)) },
        ]);
        expect(spliced.toString()).toBe(
          JSON.stringify({ name, arguments: args, _meta: { progressToken: token, a: 2 } }),
        );
      }),
    );
  });
});
