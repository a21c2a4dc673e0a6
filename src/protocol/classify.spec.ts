import { classify } from './classify.js';
import { ENVELOPE } from './meta-keys.js';
import { Violation } from './rules.js';
import { scan } from './scanner/scan.js';

const MODERN = '2026-07-28';
const LEGACY = '2025-11-25';

const claim = (version: unknown = MODERN) => ({
  [ENVELOPE.protocolVersion]: version,
  [ENVELOPE.clientCapabilities]: {},
});
const call = (_meta?: object, method = 'tools/list') => ({ jsonrpc: '2.0', id: 1, method, params: { _meta } });
const notice = (_meta?: object) => ({ jsonrpc: '2.0', method: 'notifications/x', params: { _meta } });
const REPLY = { jsonrpc: '2.0', id: 1, result: {} };

/** The era, or the rule that is broken and how that is said. */
function meant(message: unknown, header: string | undefined, hasHeaders = true): unknown {
  const frame = typeof message === 'string' ? message : JSON.stringify(message);
  const incoming = scan(Buffer.from(frame), { maxBytes: 10_000, maxDepth: 20, batch: true });
  const era = classify(incoming, header, hasHeaders);
  return era instanceof Violation ? [era.rule, era.traits.modern.http, era.traits.modern.rpc] : era;
}

describe('the era of a message', () => {
  it.each<[what: string, message: unknown, header: string | undefined, expected: unknown]>([
    ['a claim that its header confirms', call(claim()), MODERN, 'modern'],
    ['a claim that its header denies', call(claim()), LEGACY, ['era_header', 400, -32020]],
    ['a claim without a header', call(claim()), undefined, ['era_header', 400, -32020]],
    // What is wrong with it is said when it is read.
    ['a claim of no version', call(claim(1)), MODERN, 'modern'],
    ['a claim of no version without a header', call(claim(null)), undefined, 'modern'],
    ['a claim without capabilities', call({ [ENVELOPE.protocolVersion]: MODERN }), MODERN, 'modern'],
    ['a claim of a legacy version', call(claim(LEGACY)), LEGACY, 'modern'],
    ['a claim of an unknown version', call(claim('2027-01-01')), '2027-01-01', 'modern'],
    ['a request without a claim', call(), MODERN, ['envelope', 400, -32602]],
    ['a request without a claim, of an unknown version', call(), 'v999', ['envelope', 400, -32602]],
    ['a handshake without a claim', call(undefined, 'initialize'), MODERN, ['era_header', 400, -32020]],
    [
      'a handshake without all of a claim',
      call({ [ENVELOPE.protocolVersion]: MODERN }, 'initialize'),
      MODERN,
      ['era_header', 400, -32020],
    ],
    ['a handshake with a claim', call(claim(), 'initialize'), MODERN, 'modern'],
    ['a handshake with a claim of a later version', call(claim('2027-01-01'), 'initialize'), '2027-01-01', 'modern'],
    ['a handshake with a claim that is none', call(claim(LEGACY), 'initialize'), LEGACY, 'legacy'],
    ['a handshake', call(undefined, 'initialize'), undefined, 'legacy'],
    ['a legacy request', call(), LEGACY, 'legacy'],
    ['a legacy request without a header', call(), undefined, 'legacy'],
    ['a notification', notice(), MODERN, 'modern'],
    ['a notification with a claim', notice(claim()), undefined, 'modern'],
    ['a legacy notification', notice(), LEGACY, 'legacy'],
    ['a legacy notification without a header', notice(), undefined, 'legacy'],
    ['a reply', REPLY, undefined, 'legacy'],
    ['a reply of a legacy session', REPLY, LEGACY, 'legacy'],
    ['a reply where there are none', REPLY, MODERN, ['era', 400, -32600]],
    ['a batch', [call(), notice()], undefined, 'legacy'],
    ['a batch of a legacy session', [call(), 1], LEGACY, 'legacy'],
    ['a batch where there are none', [call()], MODERN, ['batch_unsupported', 400, -32600]],
    ['a batch that holds a claim', [call(), call(claim())], undefined, ['batch_unsupported', 400, -32600]],
    ['what is no message', '{', MODERN, 'modern'],
    ['what is no message in a legacy session', '{', undefined, 'legacy'],
  ])('of %s', (_what, message, header, expected) => {
    expect(meant(message, header)).toEqual(expected);
  });

  it('is what the message itself says where there are no headers', () => {
    expect(meant(call(claim()), undefined, false)).toBe('modern');
    expect(meant(call(), undefined, false)).toBe('legacy');
    expect(meant(notice(claim()), undefined, false)).toBe('modern');
    expect(meant(REPLY, undefined, false)).toBe('legacy');
  });

  it('cannot be claimed twice', () => {
    const twice = JSON.stringify(call(claim())).replace('"_meta":{', `"_meta":{"${ENVELOPE.protocolVersion}":"x",`);
    const incoming = scan(Buffer.from(twice), { maxBytes: 10_000, maxDepth: 20, batch: false });
    expect(incoming).toMatchObject({ kind: 'malformed', error: { rule: 'member_twice' } });
  });

  it('is claimed by a key in any spelling', () => {
    const spelled = JSON.stringify(call(claim())).replace('protocolVersion', String.raw`\u0070rotocolVersion`);
    expect(meant(spelled, MODERN)).toBe('modern');
  });
});
