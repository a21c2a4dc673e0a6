import { isDeepStrictEqual } from 'node:util';

import * as fc from 'fast-check';

import { ManualClock } from '../../../test/support/manual-clock.js';
import { McpRequest } from '../../core/message.js';
import { ANONYMOUS } from '../../core/principal.js';
import { Sealer } from '../../core/sealed.js';
import { checkParams, ENVELOPE, readParams } from '../../protocol/index.js';
import type { Continuation } from './continuation.js';
import { RequestStates, STATE_TTL, type StateOwner } from './request-states.js';

const OWNER: StateOwner = { principal: ANONYMOUS, target: { group: 'crm', name: 'merge' } };
const ARGUMENTS = '{"a":1, "b":2.0}';
const RELAYED: Continuation = { typ: 'relayed', server: 'crm-1', state: 'upstream' };

let clock: ManualClock;
let states: RequestStates;

beforeEach(() => {
  clock = new ManualClock();
  states = new RequestStates(new Sealer(Buffer.alloc(32, 1)), clock);
});

interface Asked {
  readonly method?: string;
  readonly name?: string;
  readonly args?: string | undefined;
  readonly state?: string;
}

function call({ method = 'tools/call', name = 'crm__merge', args = ARGUMENTS, state }: Asked = {}): McpRequest {
  const members = [
    `"name":${JSON.stringify(name)}`,
    ...(args === '' ? [] : [`"arguments":${args}`]),
    ...(state === undefined ? [] : [`"requestState":${JSON.stringify(state)}`]),
  ];
  return new McpRequest(method, readParams(Buffer.from(`{${members.join()}}`)));
}

const anyText = fc.string({ unit: 'binary' });
const anyContinuation: fc.Arbitrary<Continuation> = fc.oneof(
  fc.record({
    typ: fc.constant('relayed' as const),
    server: fc.option(anyText, { nil: undefined }),
    state: fc.option(anyText, { nil: undefined }),
  }),
  fc.record({ typ: fc.constant('parked' as const), owner: anyText, call: anyText }),
  fc.record({
    typ: fc.constant('recall' as const),
    pages: fc.dictionary(anyText, fc.constant({ mode: 'url', url: 'https://a.example' }), { noNullPrototype: true }),
  }),
);

describe('the state that a client is given', () => {
  it('opens as what was sealed, for the same request', () => {
    fc.assert(
      fc.property(anyContinuation, anyText, fc.json(), (content, name, args) => {
        const sealed = states.seal(content, call({ name, args }), OWNER);
        expect(states.open(call({ name, args, state: sealed }), OWNER)).toEqual(content);
      }),
    );
  });

  it('opens for no other method, name, arguments, principal or group', () => {
    const sealed = states.seal(RELAYED, call(), OWNER);
    const open = (asked: Asked, owner: StateOwner = OWNER) => states.open(call({ state: sealed, ...asked }), owner);
    const invalid = expect.objectContaining({ code: 'state_invalid', message: 'Invalid requestState' });
    expect(open({})).toEqual(RELAYED);
    expect(() => open({ method: 'prompts/get' })).toThrow(invalid);
    expect(() => open({ name: 'crm__merge2' })).toThrow(invalid);
    expect(() => open({ args: '' })).toThrow(invalid);
    expect(() => open({ args: '{}' })).toThrow(invalid);
    expect(() => open({}, { ...OWNER, principal: { ...ANONYMOUS, subject: 'somebody else' } })).toThrow(invalid);
    expect(() => open({}, { ...OWNER, target: { group: 'wiki', name: 'merge' } })).toThrow(invalid);
    expect(() => open({}, { ...OWNER, target: undefined })).toThrow(invalid);
  });

  it('does not open when any byte of it is another, or anything that the arguments say', () => {
    const sealed = states.seal(RELAYED, call(), OWNER);
    const at = (length: number) => fc.nat(length - 1);
    const letter = fc.constantFrom('A', 'b', '0', '-', '_', '.', 'x', '"');
    const changed = (text: string, index: number, other: string) =>
      text.slice(0, index) + other + text.slice(index + 1);
    fc.assert(
      fc.property(at(sealed.length), letter, (index, other) => {
        fc.pre(sealed[index] !== other);
        const state = changed(sealed, index, other);
        expect(() => states.open(call({ state }), OWNER)).toThrow(expect.objectContaining({ code: 'state_invalid' }));
      }),
    );
    fc.assert(
      fc.property(at(ARGUMENTS.length), fc.constantFrom('0', '3', 'b', '-', ' '), (index, other) => {
        const args = changed(ARGUMENTS, index, other);
        fc.pre(isJson(args) && !isDeepStrictEqual(JSON.parse(args), JSON.parse(ARGUMENTS)));
        const request = call({ args, state: sealed });
        expect(() => states.open(request, OWNER)).toThrow(expect.objectContaining({ code: 'state_invalid' }));
      }),
    );
  });

  it.each(['{"b":2.0,"a":1}', '{ "a" : 1 , "b" : 2.0 }', '{"\\u0061":1,"b":2}'])(
    'opens for the same arguments, though the client spells them as %s now',
    (args) => {
      const sealed = states.seal(RELAYED, call(), OWNER);
      expect(states.open(call({ args, state: sealed }), OWNER)).toEqual(RELAYED);
    },
  );

  it.each([
    ['of another kind', () => new Sealer(Buffer.alloc(32, 1)).seal('cursor', 'x', {})],
    ['sealed elsewhere', () => new RequestStates(new Sealer(Buffer.alloc(32, 2)), clock).seal(RELAYED, call(), OWNER)],
    ['of a server', () => 'u-state'],
    ['empty', () => ''],
    ['of any length', () => `gw1.${'A'.repeat(1_000_000)}`],
  ])('is not taken for one when it is %s', (_what, make) => {
    expect(() => states.open(call({ state: make() }), OWNER)).toThrow(
      expect.objectContaining({ code: 'state_invalid' }),
    );
  });

  it('need not be there', () => {
    expect(states.open(call(), OWNER)).toBeUndefined();
    expect(states.open(new McpRequest('tools/call', undefined), OWNER)).toBeUndefined();
  });

  it('lasts as long as it was said to', () => {
    const request = call();
    const [usual, short] = [states.seal(RELAYED, request, OWNER), states.seal(RELAYED, request, OWNER, 1_000)];
    const open = (state: string) => states.open(call({ state }), OWNER);
    clock.advance(999);
    expect(open(short)).toEqual(RELAYED);
    clock.advance(1);
    expect(() => open(short)).toThrow(expect.objectContaining({ code: 'state_expired' }));
    clock.advance(STATE_TTL - 1_001);
    expect(open(usual)).toEqual(RELAYED);
    clock.advance(1);
    expect(() => open(usual)).toThrow(expect.objectContaining({ code: 'state_expired' }));
  });

  it('carries 64 KB of a server, and no more', () => {
    const of = (length: number): Continuation => ({ ...RELAYED, state: 'x'.repeat(length) });
    const retry = (state: string) =>
      readParams(
        Buffer.from(JSON.stringify({ name: 'a', requestState: state, _meta: { [ENVELOPE.protocolVersion]: 'x' } })),
      );
    const sealed = states.seal(of(65_536), call(), OWNER);
    expect(states.open(call({ state: sealed }), OWNER)).toEqual(of(65_536));
    expect(checkParams('tools/call', retry(sealed))).toBeUndefined();
    // Whatever can be sealed can be brought back.
    expect(checkParams('tools/call', retry(states.seal(of(69_400), call(), OWNER)))).toBeUndefined();
    expect(() => states.seal(of(70_000), call(), OWNER)).toThrow(
      expect.objectContaining({ code: 'upstream_protocol_error' }),
    );
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
