import { readEnvelope, claimsModern, type Envelope } from './envelope.js';
import { ENVELOPE } from './meta-keys.js';
import { Violation } from './rules.js';
import { readParams } from './scanner/params.js';

const GIVEN = { [ENVELOPE.protocolVersion]: '2026-07-28', [ENVELOPE.clientCapabilities]: {} };

function params(meta: object) {
  return readParams(Buffer.from(JSON.stringify({ name: 'a', _meta: meta })));
}

function read(meta: object): Envelope {
  const envelope = readEnvelope(params(meta));
  if (envelope instanceof Violation) throw envelope;
  return envelope;
}

function problem(meta: object | undefined): unknown {
  const { code, rule, message, data } = readEnvelope(meta && params(meta)) as Violation;
  return { code, rule, message, data };
}

describe('the envelope of a modern request', () => {
  it('says who sends it, and what for', () => {
    const given = {
      ...GIVEN,
      [ENVELOPE.clientCapabilities]: { sampling: {}, 'x/y': 1 },
      [ENVELOPE.clientInfo]: { name: 'ide', version: '3', title: 'IDE' },
      [ENVELOPE.logLevel]: 'info',
    };
    expect(read(given)).toEqual({
      peer: {
        era: 'modern',
        revision: '2026-07-28',
        capabilities: { sampling: {}, 'x/y': 1 },
        info: { name: 'ide', version: '3' },
      },
      logLevel: 'info',
    });
  });

  it('needs no name and no log level', () => {
    expect(read(GIVEN)).toMatchObject({ peer: { info: { name: '', version: '' } }, logLevel: undefined });
    expect(read({ ...GIVEN, [ENVELOPE.clientInfo]: { name: 1 } }).peer.info).toEqual({ name: '', version: '' });
  });

  it('is there when it names a version, whatever that is', () => {
    expect(claimsModern(params(GIVEN))).toBe(true);
    expect(claimsModern(params({ [ENVELOPE.protocolVersion]: null }))).toBe(true);
    expect(claimsModern(params({ [ENVELOPE.clientCapabilities]: {} }))).toBe(false);
    expect(claimsModern(undefined)).toBe(false);
  });

  it.each([
    [undefined, 'Missing _meta io.modelcontextprotocol/protocolVersion'],
    [{}, 'Missing _meta io.modelcontextprotocol/protocolVersion'],
    [{ ...GIVEN, [ENVELOPE.protocolVersion]: 1 }, 'Missing _meta io.modelcontextprotocol/protocolVersion'],
    [{ [ENVELOPE.protocolVersion]: '2026-07-28' }, 'Missing _meta io.modelcontextprotocol/clientCapabilities'],
    [{ ...GIVEN, [ENVELOPE.clientCapabilities]: [] }, 'Missing _meta io.modelcontextprotocol/clientCapabilities'],
    [{ ...GIVEN, [ENVELOPE.clientInfo]: 'me' }, '_meta io.modelcontextprotocol/clientInfo is not an object'],
    [{ ...GIVEN, [ENVELOPE.logLevel]: 'loud' }, '_meta io.modelcontextprotocol/logLevel is not a log level'],
  ])('is refused as %j', (meta, message) => {
    expect(problem(meta)).toEqual({ code: 'protocol_envelope', rule: 'envelope', message, data: {} });
  });

  it.each(['2025-11-25', '2027-01-01', 'v999', ''])(
    'is refused in the version "%s", with those that are spoken',
    (version) => {
      expect(problem({ ...GIVEN, [ENVELOPE.protocolVersion]: version })).toEqual({
        code: 'protocol_unsupported_revision',
        rule: 'revision',
        message: 'Unsupported protocol version',
        data: { supported: ['2026-07-28'], requested: version },
      });
    },
  );

  it('repeats no more of a version than a version can be long', () => {
    expect(problem({ ...GIVEN, [ENVELOPE.protocolVersion]: 'x'.repeat(1_000) })).toMatchObject({
      data: { requested: 'x'.repeat(64) },
    });
  });

  it('means the same peer when the same is said again, and another one when anything else is', () => {
    const { peer } = read({ ...GIVEN, [ENVELOPE.clientInfo]: { name: 'a', version: '1' } });

    expect(read({ x: 1, [ENVELOPE.clientInfo]: { name: 'a', version: '1' }, ...GIVEN }).peer).toBe(peer);
    expect(read({ ...GIVEN, [ENVELOPE.clientInfo]: { name: 'a', version: '2' } }).peer).not.toBe(peer);
    expect(read(GIVEN).peer).not.toBe(peer);
  });

  it('is forgotten when many others came after it, or when it is too long to be kept', () => {
    const { peer } = read(GIVEN);
    for (let at = 0; at < 256; at++) read({ ...GIVEN, [ENVELOPE.clientInfo]: { name: `c${at}`, version: '1' } });
    const long = { ...GIVEN, [ENVELOPE.clientCapabilities]: { experimental: { x: 'x'.repeat(5_000) } } };

    expect(read(GIVEN).peer).not.toBe(peer);
    expect(read(long).peer).not.toBe(read(long).peer);
    expect(read(long).peer).toEqual(read(long).peer);
  });
});
