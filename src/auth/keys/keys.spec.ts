import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { AuthBench } from '../../../test/support/auth-bench.js';
import { until } from '../../../test/support/until.js';
import { digestOf, newApiKey } from './key-digest.js';

describe('API keys', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'mcp-gateway-keys-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('are made of 256 random bits behind a prefix that scanners find', () => {
    expect(newApiKey()).toMatch(/^mgk_[\w-]{43}$/);
    expect(newApiKey()).not.toBe(newApiKey());
  });

  it('come and go with their file, while the gateway runs', async () => {
    const file = join(directory, 'keys.json');
    const write = (...names: string[]): void => {
      const keys = names.map((name) => ({ name, sha256: digestOf(`key-of-${name}`) }));
      writeFileSync(`${file}.new`, JSON.stringify({ api_keys: keys }));
      renameSync(`${file}.new`, file);
    };
    write('one');
    await using bench = await AuthBench.open(`failed_per_minute = 10000\napi_keys_file = "${file}"`);
    const outcome = (name: string): Promise<string> => bench.outcome({ 'x-api-key': `key-of-${name}` });
    expect(await outcome('one')).toBe('one');
    expect(await outcome('two')).toBe('auth_invalid unknown');

    write('two');
    await until(async () => (await outcome('two')) === 'two', 'the new key to be good');
    expect(await outcome('one')).toBe('auth_invalid unknown');

    writeFileSync(file, '{"api_keys": [{');
    write('two', 'three');
    await until(async () => (await outcome('three')) === 'three', 'the third key to be good');
    expect(await outcome('two')).toBe('two');
  });

  it('may stand in TOML as they do in the configuration', async () => {
    const file = join(directory, 'keys.toml');
    writeFileSync(file, `[[api_keys]]\nname = "one"\nsha256 = "${digestOf('k1')}"\nscopes = ["mcp:read"]\n`);
    await using bench = await AuthBench.open(`api_keys_file = "${file}"`);

    expect(await bench.as({ 'x-api-key': 'k1' })).toMatchObject({ subject: 'one', scopes: ['mcp:read'] });
  });
});
