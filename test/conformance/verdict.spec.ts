import { compare, isGood, parseExpected } from './verdict.ts';

const PASSED: readonly string[] = [];
const FAILED: readonly string[] = ['check: broken'];

describe('comparing two runs of the suite', () => {
  it.each([
    { direct: PASSED, gateway: PASSED, listed: false, verdict: 'pass', good: true },
    { direct: PASSED, gateway: FAILED, listed: false, verdict: 'FAIL', good: false },
    { direct: PASSED, gateway: FAILED, listed: true, verdict: 'expected', good: true },
    { direct: PASSED, gateway: PASSED, listed: true, verdict: 'STALE', good: false },
    { direct: FAILED, gateway: PASSED, listed: false, verdict: 'pass', good: true },
  ])('is $verdict, good: $good', ({ direct, gateway, listed, verdict, good }) => {
    const expected = new Set(listed ? ['ping'] : []);

    const [compared] = compare(new Map([['ping', direct]]), new Map([['ping', gateway]]), expected);

    expect(compared).toMatchObject({ scenario: 'ping', gateway: verdict });
    expect(compared && isGood(compared)).toBe(good);
  });

  it('takes a scenario without a result for failed', () => {
    const [compared] = compare(new Map([['ping', PASSED]]), new Map(), new Set());

    expect(compared?.gateway).toBe('FAIL');
  });
});

describe('the list of expected failures', () => {
  it('names scenarios', () => {
    const yaml = 'here:\n  # why\n  - tools-call-sampling\n  - ping # because\nthere:\n  - ping\n';

    expect(parseExpected(yaml)).toEqual(
      new Map([
        ['here', new Set(['tools-call-sampling', 'ping'])],
        ['there', new Set(['ping'])],
      ]),
    );
  });

  it('may be empty', () => {
    expect(parseExpected('here: []\n')).toEqual(new Map([['here', new Set()]]));
  });
});
