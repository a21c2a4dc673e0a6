import { ManualClock } from '../../../test/support/manual-clock.js';
import { CredentialsError } from './credentials.js';
import { type IssuedToken, readToken } from './issued-token.js';
import { KeptToken } from './kept-token.js';
import { TokenFailure } from './token-failure.js';

describe('KeptToken', () => {
  let clock: ManualClock;
  let asked: number;
  let failure: Error | undefined;
  let token: KeptToken;

  beforeEach(() => {
    clock = new ManualClock();
    asked = 0;
    failure = undefined;
    token = new KeptToken(() => {
      asked++;
      return failure ? Promise.reject(failure) : Promise.resolve(issued(asked, clock.now()));
    }, clock);
  });

  function issued(number: number, now: number): IssuedToken {
    const answer = { access_token: `token-${number}`, token_type: 'Bearer', expires_in: 100 };
    return readToken(answer, now, 0) as IssuedToken;
  }

  const shown = async () => (await token.headers())['authorization'];

  it('is asked for once, by however many wait for it', async () => {
    expect(await Promise.all([shown(), shown(), shown()])).toEqual(Array(3).fill('Bearer token-1'));
    expect(asked).toBe(1);
  });

  it('is at hand from then on, the same object each time', async () => {
    const first = await token.headers();
    expect(token.headers()).toBe(first);
  });

  it('is asked for anew before it ends, while the one before is still used', async () => {
    await shown();
    clock.advance(70_000);
    expect(await shown()).toBe('Bearer token-1');
    expect(asked).toBe(2);
    expect(await shown()).toBe('Bearer token-2');
  });

  it('is still used when there is no other, until it ends', async () => {
    await shown();
    failure = new TokenFailure('away', false);
    clock.advance(94_000);
    expect(await shown()).toBe('Bearer token-1');
    clock.advance(1_000);
    await expect(shown()).rejects.toMatchObject({ code: 'upstream_unavailable' });
    await expect(shown()).rejects.toBeInstanceOf(CredentialsError);
  });

  it('is thrown away when its server refuses it, but not again and again', async () => {
    const first = await token.headers();
    expect(token.refused(first)).toBe(true);
    const second = await token.headers();
    expect(second).not.toBe(first);
    expect(token.refused(first)).toBe(true);
    expect(token.headers()).toBe(second);
    expect(token.refused(second)).toBe(false);
    clock.advance(5_000);
    expect(token.refused(second)).toBe(true);
    expect(asked).toBe(2);
  });

  it('is not asked for again at once by a caller whose own token was refused', async () => {
    failure = new TokenFailure('invalid_grant', true);
    await expect(shown()).rejects.toMatchObject({ code: 'access_denied' });
    await expect(shown()).rejects.toMatchObject({ code: 'access_denied' });
    expect(asked).toBe(1);
    clock.advance(10_000);
    await expect(shown()).rejects.toMatchObject({ code: 'access_denied' });
    expect(asked).toBe(2);
  });
});

describe('readToken', () => {
  const good = { access_token: 'abc', token_type: 'bearer', expires_in: 60 };

  it.each([
    { ...good, access_token: '' },
    { ...good, access_token: 'a b' },
    { ...good, access_token: 'a\r\nx-evil: 1' },
    { ...good, access_token: 'a'.repeat(20_000) },
    { ...good, access_token: 7 },
    { ...good, token_type: 'N_A' },
    { ...good, token_type: undefined },
    [],
    'token',
    null,
  ])('takes no token out of %j', (answer) => {
    expect(readToken(answer, 0, 0)).toBeUndefined();
  });

  it.each([undefined, 0, -1, 'soon', Number.NaN])('takes %s for no lifetime, and gives it a short one', (seconds) => {
    expect(readToken({ ...good, expires_in: seconds }, 0, 0)?.expiresAt).toBe(295_000);
  });

  it('spreads when tokens are renewed', () => {
    const [early, late] = [readToken(good, 0, 0), readToken(good, 0, 0.999)];
    expect(early?.refreshAt).toBeLessThan(late?.refreshAt ?? 0);
    expect(late?.refreshAt).toBeLessThan(late?.expiresAt ?? 0);
  });
});
