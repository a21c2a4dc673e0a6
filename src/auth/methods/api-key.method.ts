import { isDeepStrictEqual } from 'node:util';

import { Inject, Logger, type OnModuleDestroy } from '@nestjs/common';

import { watchFile } from '../../config/index.js';
import { CLOCK, type Clock } from '../../core/clock.js';
import type { Principal } from '../../core/principal.js';
import { AuthMethod } from '../auth-method.js';
import { AuthRefusal } from '../auth-refusal.js';
import { AuthSection } from '../auth.section.js';
import { CredentialCache } from '../credential-cache.js';
import type { Credentials } from '../credentials.js';
import { claimOf } from '../keys/key-digest.js';
import { readKeyFile } from '../keys/key-file.js';
import { KeyTable } from '../keys/key-table.js';
import type { ApiKeyConfig } from '../section/api-key.shape.js';

const HEADER = 'x-api-key';

/** API keys in the header `X-API-Key`, and nowhere else. */
@AuthMethod({
  name: 'api_key',
  scheme: 'ApiKey',
  parameters: { realm: 'mcp-gateway' },
  isConfigured: ({ apiKeys, apiKeysFile }) => apiKeys.length > 0 || apiKeysFile !== undefined,
})
export class ApiKeyMethod implements AuthMethod, OnModuleDestroy {
  private readonly logger = new Logger('ApiKeys');
  private section = new AuthSection();
  private fromFile: readonly ApiKeyConfig[] = [];
  private table = new KeyTable([]);
  private watched: { readonly file: string; readonly stop: () => void } | undefined;

  constructor(
    private readonly cache: CredentialCache,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  apply(section: AuthSection): void {
    this.section = section;
    this.fromFile = section.apiKeysFile === this.watched?.file ? this.fromFile : [];
    this.read();
    this.follow(section.enabled ? section.apiKeysFile : undefined);
  }

  credentialOf({ headers }: Credentials): string | undefined {
    const key = headers[HEADER];
    return Array.isArray(key) ? key.join(', ') : key;
  }

  verify(credential: string): Principal {
    if (credential === '') throw new AuthRefusal('malformed');
    return this.table.find(credential, this.clock.wall());
  }

  stands(principal: Principal): boolean {
    return this.table.stands(principal);
  }

  claimantOf(credential: string): string {
    return claimOf(credential);
  }

  onModuleDestroy(): void {
    this.follow(undefined);
  }

  private read(): void {
    const { apiKeysFile, apiKeys } = this.section;
    const file = apiKeysFile === undefined ? { keys: [], problems: [] } : readKeyFile(apiKeysFile);
    if (file.problems.length > 0) {
      this.logger.error(`the file of API keys cannot be used, what it said before stays: ${file.problems.join('; ')}`);
    } else {
      this.fromFile = file.keys;
    }
    this.table = new KeyTable([...apiKeys, ...this.fromFile]);
  }

  private follow(file: string | undefined): void {
    if (file === this.watched?.file) return;
    this.watched?.stop();
    this.watched = file === undefined ? undefined : { file, stop: watchFile(file, () => this.reread()) };
  }

  private async reread(): Promise<void> {
    const before = this.fromFile;
    this.read();
    // Whatever happens in its directory is seen, too.
    if (isDeepStrictEqual(before, this.fromFile)) return;
    // A key that was taken away is not to be good for another minute.
    this.cache.clear();
    this.logger.log(`API keys in force: ${this.section.apiKeys.length + this.fromFile.length}`);
  }
}
