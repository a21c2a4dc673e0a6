import { spawnSync } from 'node:child_process';

import { BIN, ROOT } from '../support/gateway.ts';

describe('what is generated from the configuration sections', () => {
  it('is up to date: config/gateway.schema.json, config/gateway.example.toml, docs/configuration.md', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, 'generate', '--check'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect(stdout + stderr).not.toContain('stale');
    expect(status).toBe(0);
  });
});
