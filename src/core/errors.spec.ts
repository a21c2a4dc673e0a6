import { ERROR_TABLE, type ErrorCode } from './error-table.js';
import { GatewayError, UnsentError } from './errors.js';

const CODES = Object.keys(ERROR_TABLE) as ErrorCode[];

describe('the error table', () => {
  it.each(CODES)('says %s in the words of both eras', (code) => {
    const traits = new GatewayError(code, 'x').traits;

    for (const era of ['legacy', 'modern'] as const) {
      expect(traits[era].http).toSatisfy((http: number) => http === 200 || (http >= 400 && http < 600));
      expect(Number.isInteger(traits[era].rpc) && traits[era].rpc < 0).toBe(true);
    }
    expect(traits.status).toSatisfy((status: number) => status >= 400 && status < 600);
  });

  it.each(CODES)('spells %s in snake case', (code) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)+$/);
  });

  it('gives no code of the reserved range but those that MCP defines', () => {
    // From -32020 down to -32099 the specification keeps all codes to itself.
    const reserved = CODES.flatMap((code) => [ERROR_TABLE[code].legacy.rpc, ERROR_TABLE[code].modern.rpc]).filter(
      (rpc) => rpc <= -32020 && rpc >= -32099,
    );

    expect(reserved.filter((rpc) => ![-32020, -32021, -32022].includes(rpc))).toEqual([]);
  });
});

describe('a gateway error', () => {
  it('is a reply in the words of an era, with its reason', () => {
    const error = new GatewayError('resource_not_found', 'Resource not found', { uri: 'a:b' });

    expect(error.toReply('legacy').json.parse()).toEqual({
      code: -32002,
      message: 'Resource not found',
      data: { reason: 'resource_not_found', uri: 'a:b' },
    });
    expect(error.toReply('modern').json.object()['code']).toBe(-32602);
  });

  it('stays itself when it is caught', () => {
    const unsent = new UnsentError('upstream_unavailable', 'refused');

    expect(GatewayError.from(unsent)).toBe(unsent);
    expect(unsent).toBeInstanceOf(GatewayError);
  });

  it('keeps what nobody foresaw as its cause, and tells nobody', () => {
    const thrown = new Error('password=hunter2');
    const error = GatewayError.from(thrown);

    expect(error).toMatchObject({ code: 'gateway_fault', cause: thrown });
    expect(error.toReply('legacy').json.bytes.toString()).not.toContain('hunter2');
  });
});
