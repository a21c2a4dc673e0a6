import * as fc from 'fast-check';

import type { JsonObject } from '../../core/json.js';
import { errorReply, McpRequest, result } from '../../core/message.js';
import { ENVELOPE, SERVER_INFO } from '../meta-keys.js';
import { readParams } from '../scanner/params.js';
import type { Sender } from './codec.js';
import { codecFor } from './index.js';

const codec = codecFor('modern');
const SENDER: Sender = { declares: { sampling: {} }, info: { name: 'ide', version: '3' }, logLevel: undefined };
const SAID =
  `"${ENVELOPE.protocolVersion}":"2026-07-28","${ENVELOPE.clientCapabilities}":{"sampling":{}},` +
  `"${ENVELOPE.clientInfo}":{"name":"ide","version":"3"}`;

function upstream(params: string | undefined, sender: Sender = SENDER, token?: number): string | undefined {
  const given = params === undefined ? undefined : readParams(Buffer.from(params));
  return codec.upstreamParams(new McpRequest('tools/call', given), token, sender)?.toString();
}

describe('params for a modern server', () => {
  it.each([
    [undefined, `{"_meta":{${SAID}}}`],
    ['{}', `{"_meta":{${SAID}}}`],
    ['{ "name" : "a" }', `{"_meta":{${SAID}}, "name" : "a" }`],
    ['{"_meta":{}}', `{"_meta":{${SAID}}}`],
    ['{"_meta":{ "x" : 1.0 },"name":"a"}', `{"_meta":{${SAID},"x" : 1.0},"name":"a"}`],
    [`{"_meta":{"progressToken":"t","${ENVELOPE.logLevel}":"debug"}}`, `{"_meta":{${SAID}}}`],
    [`{"_meta":{ "progressToken": "t", "${ENVELOPE.logLevel}": "debug" }}`, `{"_meta":{${SAID}}}`],
    [`{"_meta":{"progressToken":1,"":0,"${ENVELOPE.logLevel}":"debug"}}`, `{"_meta":{${SAID},"":0}}`],
  ])('say on whose behalf they come: %s', (params, expected) => {
    expect(upstream(params)).toBe(expected);
  });

  it('say what log messages and what progress are wanted', () => {
    expect(upstream('{}', { ...SENDER, logLevel: 'info' }, 7)).toBe(
      `{"_meta":{${SAID},"${ENVELOPE.logLevel}":"info","progressToken":7}}`,
    );
  });

  it('do not name who has no name', () => {
    expect(upstream('{}', { declares: {}, info: { name: '', version: '' }, logLevel: undefined })).toBe(
      `{"_meta":{"${ENVELOPE.protocolVersion}":"2026-07-28","${ENVELOPE.clientCapabilities}":{}}}`,
    );
  });

  it.each([
    [{ elicitation: {} }, { elicitation: { form: {} } }],
    [{ elicitation: { url: {} } }, { elicitation: { url: {} } }],
    [
      { roots: { listChanged: true }, sampling: {} },
      { roots: {}, sampling: {} },
    ],
  ])('say of %j what the words of this era for it are', (declares, said) => {
    const { _meta } = JSON.parse(upstream('{}', { ...SENDER, declares }) ?? '') as { _meta: JsonObject };
    expect(_meta[ENVELOPE.clientCapabilities]).toEqual(said);
  });

  it('say of each sender what is so, whoever came before', () => {
    const others: Sender[] = [
      { ...SENDER, logLevel: 'info' },
      { ...SENDER, info: { name: 'ide', version: '4' } },
      { ...SENDER, declares: {} },
      { ...SENDER },
    ];
    for (const sender of [...others, ...others]) {
      const { _meta } = JSON.parse(upstream('{}', sender) ?? '') as { _meta: JsonObject };
      expect(_meta).toEqual({
        [ENVELOPE.protocolVersion]: '2026-07-28',
        [ENVELOPE.clientCapabilities]: sender.declares,
        [ENVELOPE.clientInfo]: sender.info,
        ...(sender.logLevel !== undefined && { [ENVELOPE.logLevel]: sender.logLevel }),
      });
    }
  });

  it('hold one envelope, which is ours, and of the rest every byte; and a legacy server sees none of it', () => {
    const key = fc.string().map((name) => `com.example/${name}`);
    // As it may be spelled, and as no two parsers would write it again.
    const value = fc.oneof(
      fc.jsonValue().map((each) => JSON.stringify(each)),
      fc.constantFrom('1.0', '12345678901234567890', '{ "a" : [ 1 ] }', String.raw`"\u0041"`, '1E2'),
    );
    const member = fc.tuple(
      key.map((name) => JSON.stringify(name)),
      value,
    );
    const members = fc.uniqueArray(member, { selector: ([name]) => name, maxLength: 5 });
    const ofLeg = fc.subarray([
      [`"${ENVELOPE.protocolVersion}"`, '"2026-07-28"'],
      [`"${ENVELOPE.clientCapabilities}"`, '{"roots":{}}'],
      [`"${ENVELOPE.clientInfo}"`, '{"name":"x"}'],
      [`"${ENVELOPE.logLevel}"`, '"debug"'],
      ['"progressToken"', '"mine"'],
    ] as [string, string][]);
    const spelled = (all: readonly (readonly [string, string])[]) => all.map(([name, json]) => `${name}:${json}`);

    fc.assert(
      fc.property(members, members, ofLeg, fc.option(fc.nat(), { nil: undefined }), (rest, vendor, leg, token) => {
        const meta = [...spelled(leg.slice(1)), ...spelled(vendor), ...spelled(leg.slice(0, 1))].join(',');
        const params = `{${[...spelled(rest), `"_meta":{${meta}}`].join(',')}}`;
        const ours = token === undefined ? SAID : `${SAID},"progressToken":${token}`;

        const modern = upstream(params, SENDER, token) ?? '';

        const kept = spelled(vendor);
        expect(modern).toBe(`{${[...spelled(rest), `"_meta":{${[ours, ...kept].join(',')}}`].join(',')}}`);
        const request = new McpRequest('tools/call', readParams(Buffer.from(modern)));
        const legacy = codecFor('legacy').upstreamParams(request, undefined, SENDER)?.toString();
        const left = kept.length === 0 ? [] : [`"_meta":{${kept.join(',')}}`];
        expect(legacy).toBe(`{${[...spelled(rest), ...left].join(',')}}`);
      }),
    );
  });
});

describe('discovery', () => {
  const discovered = {
    resultType: 'complete',
    supportedVersions: ['2027-01-01', '2026-07-28', '2025-11-25'],
    capabilities: { tools: {} },
    instructions: 'Be nice.',
    _meta: { [SERVER_INFO]: { name: 's', version: '2' } },
  };

  it('reads what a server says of itself', () => {
    expect(codec.readDiscoverResult(result(discovered))).toEqual({
      era: 'modern',
      revision: '2026-07-28',
      capabilities: { tools: {} },
      info: { name: 's', version: '2' },
      instructions: 'Be nice.',
    });
  });

  it('forgives a server that does not say who it is or what it has', () => {
    expect(codec.readDiscoverResult(result({ supportedVersions: ['2026-07-28'] }))).toMatchObject({
      capabilities: {},
      info: { name: '', version: '' },
      instructions: undefined,
    });
  });

  it.each([
    ['refuses', errorReply(-32601, 'no')],
    ['has older revisions alone', result({ ...discovered, supportedVersions: ['2025-11-25'] })],
    ['has no list of revisions', result({ ...discovered, supportedVersions: '2026-07-28' })],
    ['has none', result({})],
  ])('gives up on a server that %s', (_what, reply) => {
    expect(() => codec.readDiscoverResult(reply)).toThrow(expect.objectContaining({ code: 'upstream_protocol_error' }));
  });

  it('answers with every version, and with what the revision has a word for', () => {
    const self = {
      info: { name: 'gateway', version: '1' },
      capabilities: { tools: {}, tasks: {}, extensions: { x: {} } },
      instructions: undefined,
    };
    expect(JSON.parse(codec.discoverResult('2026-07-28', self).json.bytes.toString())).toEqual({
      supportedVersions: ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'],
      capabilities: { tools: {}, extensions: { x: {} } },
    });
  });
});
