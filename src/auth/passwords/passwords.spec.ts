import { hashSync } from 'bcryptjs';

import { AuthBench, basic } from '../../../test/support/auth-bench.js';
import { parseBasic } from './basic-credentials.js';
import { PasswordCheck } from './password-check.js';
import { parsePasswordHash } from './password-hash.js';
import { hashPassword } from './scrypt.js';

const CHEAP = { ln: 10, r: 8, p: 1 };
const encode = (text: string | Buffer): string => Buffer.from(text).toString('base64');

describe('Basic credentials', () => {
  it.each([
    ['ada:pass', 'ada', 'pass'],
    ['ada:a:b:c', 'ada', 'a:b:c'],
    ['ada:', 'ada', ''],
    ['ädä:pässwörd 🔑', 'ädä', 'pässwörd 🔑'],
    ['__proto__:x', '__proto__', 'x'],
  ])('of %j are taken apart at the first colon', (text, name, password) => {
    expect(parseBasic(encode(text))).toEqual({ name, password });
  });

  it.each([
    ['no colon', encode('ada')],
    ['no name', encode(':pass')],
    ['not base64', 'YWRh!OnBhc3M='],
    ['base64 for URLs', Buffer.from('ada:pa>?').toString('base64url').replace(/[^-_]/g, '-')],
    ['not UTF-8', encode(Buffer.from([0x61, 0x3a, 0xff]))],
    ['a line end', encode('ada:pa\r\nss')],
    ['a NUL', encode('ada\0:pass')],
    ['two values', `${encode('ada:pass')} ${encode('ada:pass')}`],
    ['nothing', ''],
  ])('are none with %s', (_what, token) => {
    expect(parseBasic(token)).toBeUndefined();
  });
});

describe('password hashes', () => {
  it('of ours can be read, and are different each time', async () => {
    const [one, two] = [await hashPassword('x', CHEAP), await hashPassword('x', CHEAP)];
    expect(one).toMatch(/^\$scrypt\$ln=10,r=8,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(one).not.toBe(two);
    expect(parsePasswordHash(one)).toMatchObject({ kind: 'scrypt', cost: CHEAP });
  });

  it.each([
    '',
    'plain',
    '$2b$31$abcdefghijklmnopqrstuuXcr3VWb1tFSKFXyBjqWNJOJYHjnXcGC',
    '$scrypt$ln=5,r=8,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA',
    '$scrypt$ln=20,r=8,p=99$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA',
    '$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA',
  ])('are not: %j', (text) => expect(parsePasswordHash(text)).toBeUndefined());
});

describe('users with passwords', () => {
  it('are known by scrypt and by bcrypt, and by nothing else', async () => {
    await using bench = await AuthBench.open(`
[[security.auth.users]]
name = "ada"
password_hash = "${await hashPassword('a:b', CHEAP)}"
[[security.auth.users]]
name = "bob"
password_hash = "${hashSync('hunter2', 4)}"
[[security.auth.users]]
name = "long"
password_hash = "${hashSync('x'.repeat(72), 4)}"
`);
    const outcome = (name: string, password: string): Promise<string> =>
      bench.outcome({ authorization: basic(name, password) });

    expect(await outcome('ada', 'a:b')).toBe('ada');
    expect(await outcome('ada', 'a')).toBe('auth_invalid password');
    expect(await outcome('bob', 'hunter2')).toBe('bob');
    expect(await outcome('bob', 'hunter3')).toBe('auth_invalid password');
    expect(await outcome('eve', 'a:b')).toBe('auth_invalid unknown');
    expect(await outcome('long', 'x'.repeat(72))).toBe('long');
    expect(await outcome('long', 'x'.repeat(73))).toBe('auth_invalid password');
    expect(await bench.outcome({ authorization: `XBasicY ${encode('ada:a:b')}` })).toBe('auth_invalid not_taken');
    expect(await bench.outcome({ authorization: `bAsIc   ${encode('ada:a:b')}` })).toBe('ada');
  });

  it('keep nobody else waiting, however many passwords one address shows at once', async () => {
    await using bench = await AuthBench.open(`
failed_per_minute = 1000
[[security.auth.users]]
name = "ada"
password_hash = "${await hashPassword('good', CHEAP)}"
`);
    const guesses = Array.from({ length: 300 }, (_, n) =>
      bench.as({ authorization: basic('ada', `guess ${n}`) }, 'mcp', '192.0.2.66').then(
        () => 'in',
        (thrown: unknown) => (thrown as { code: string }).code,
      ),
    );
    expect(await bench.outcome({ authorization: basic('ada', 'good') })).toBe('ada');

    const codes = await Promise.all(guesses);
    expect(codes.filter((code) => code === 'auth_invalid')).toHaveLength(8);
    expect(codes.filter((code) => code === 'auth_throttled')).toHaveLength(292);
  });

  it('count all addresses of one IPv6 network for one of those that wait', async () => {
    await using bench = await AuthBench.open(`
failed_per_minute = 1000
[[security.auth.users]]
name = "ada"
password_hash = "${await hashPassword('good', CHEAP)}"
`);
    const guesses = Array.from({ length: 200 }, (_, n) =>
      bench.outcome({ authorization: basic('ada', `guess ${n}`) }, 'mcp', `2001:db8::${n.toString(16)}`),
    );
    expect(await bench.outcome({ authorization: basic('ada', 'good') })).toBe('ada');
    await Promise.all(guesses);
  });

  it('bound how many wait in all', async () => {
    const check = new PasswordCheck();
    const hash = parsePasswordHash(await hashPassword('good', CHEAP))!;
    const outcomes = await Promise.allSettled(
      Array.from({ length: 200 }, (_, n) => check.matches('good', hash, `client ${n}`)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(130);
    expect(await check.matches('good', hash, 'later')).toBe(true);
    await check.onModuleDestroy();
  });
});
