import { Module } from '@nestjs/common';
import { IsString } from 'class-validator';

import { AuthBench, JWT_SECRET } from '../../test/support/auth-bench.js';
import { ConfigService } from '../config/index.js';
import { type Principal, principalOf } from '../core/principal.js';
import type { Configurable } from '../extension/index.js';
import { AuthMethod, AuthRefusal, Challenges, type Credentials } from './index.js';

class TicketOptions {
  @IsString()
  readonly word!: string;
}

/** What somebody may add who is not us. */
@AuthMethod({ name: 'ticket', scheme: 'Ticket', options: TicketOptions })
class TicketMethod implements AuthMethod, Configurable<TicketOptions> {
  private word = '';

  configure({ word }: TicketOptions): void {
    if (word === 'broken') throw new Error('no such word');
    this.word = word;
  }

  apply(): void {
    // Everything it needs are its options.
  }

  credentialOf({ headers }: Credentials): string | undefined {
    return headers['x-ticket'] as string | undefined;
  }

  verify(credential: string): Principal {
    if (credential !== this.word) throw new AuthRefusal('unknown');
    return principalOf({ method: 'ticket', subject: 'guest' });
  }
}

@Module({ providers: [TicketMethod] })
class TicketModule {}

describe('an auth method of somebody else', () => {
  const secret = `jwt_secret = "${JWT_SECRET}"\n`;
  const options = (word: string): string => `${secret}[security.auth.options.ticket]\nword = "${word}"`;

  it('is in force once it has options, and follows them', async () => {
    await using bench = await AuthBench.open(options('open'), undefined, TicketModule);

    expect(await bench.outcome({ 'x-ticket': 'open' })).toBe('guest');
    expect(bench.get(Challenges).valuesFor({ route: 'mcp', code: 'auth_required' })).toEqual(['Bearer', 'Ticket']);
    expect(await bench.reload(options('sesame'))).toBe('applied');
    await vi.waitFor(async () => expect(await bench.outcome({ 'x-ticket': 'sesame' })).toBe('guest'));
    expect(await bench.outcome({ 'x-ticket': 'open' })).toBe('auth_invalid unknown');
    expect(await bench.reload(secret)).toBe('applied');
    expect(await bench.outcome({ 'x-ticket': 'sesame' })).toBe('auth_required nothing_shown');
  });

  it('does not go on being believed by options that it had before', async () => {
    await using bench = await AuthBench.open(options('open'), undefined, TicketModule);
    // Those who ask before the next instance is there are judged by the last.
    bench.get(ConfigService).changes.subscribe(() => void bench.as({ 'x-ticket': 'open' }));
    expect(await bench.reload(options('sesame'))).toBe('applied');
    await vi.waitFor(async () => expect(await bench.outcome({ 'x-ticket': 'sesame' })).toBe('guest'));
    expect(await bench.outcome({ 'x-ticket': 'open' })).toBe('auth_invalid unknown');
  });

  it('stays as it was where it cannot be made with other options, and takes nobody down with it', async () => {
    await using bench = await AuthBench.open(options('open'), undefined, TicketModule);
    const faults: unknown[] = [];
    const fault = (thrown: unknown): void => void faults.push(thrown);
    process.on('unhandledRejection', fault);
    try {
      expect(await bench.reload(options('broken'))).toBe('applied');
      await new Promise(setImmediate);
    } finally {
      process.off('unhandledRejection', fault);
    }
    expect(faults).toEqual([]);
    expect(await bench.outcome({ 'x-ticket': 'open' })).toBe('guest');
  });

  it('is checked like our own', async () => {
    await using bench = await AuthBench.open(options('open'), undefined, TicketModule);
    expect(await bench.rejected(`${secret}[security.auth.options.ticket]\nword = 5`)).toEqual([
      expect.stringMatching(/^security\.auth\.options\.ticket\.word: must be a string/),
    ]);
    expect(await bench.rejected(`${secret}options = "x"`)).toEqual([
      'security.auth.options: must be a table of tables',
    ]);
  });
});
