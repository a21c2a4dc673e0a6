import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readApprovals } from './approval-file.js';
import { BrokenLock } from './lock-file.js';

describe('the file of approvals', () => {
  const directory = mkdtempSync(join(tmpdir(), 'mcp-gateway-lock-'));
  const file = (name: string): string => join(directory, name);

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('is only read where it is a file, and no larger than any could be', () => {
    symlinkSync('/dev/zero', file('endless'));
    expect(() => readApprovals(file('endless'))).toThrow(BrokenLock);
    expect(() => readApprovals(directory)).toThrow(BrokenLock);
    writeFileSync(file('large'), '{');
    truncateSync(file('large'), 1_000_000_000);
    expect(() => readApprovals(file('large'))).toThrow('too large');
    expect(readApprovals(file('absent'))).toBeUndefined();
  });
});
