import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort } from '../support/free-port.ts';
import { BIN } from '../support/gateway.ts';
import { until } from '../support/until.ts';

/** Util-linux has it; it gives a command a terminal of its own. */
const HAS_SCRIPT = spawnSync('script', ['--version']).status === 0;

describe('a gateway that was started on a terminal', () => {
  it.runIf(HAS_SCRIPT)('reloads on SIGHUP, and ends when the terminal is closed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mcp-gateway-'));
    const file = join(folder, 'gateway.toml');
    const port = await freePort();
    const isThere = () =>
      fetch(`http://127.0.0.1:${port}/liveness`).then(
        ({ ok }) => ok,
        () => false,
      );
    writeFileSync(file, `[server]\nport = ${port}\n[metrics]\nenabled = false\n`);
    const command = `echo $$ > ${join(folder, 'pid')}; exec ${process.execPath} ${BIN} --config ${file}`;
    const terminal = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'ignore', 'ignore'] });
    try {
      await until(isThere, 'the gateway to listen');
      const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
      process.kill(pid, 'SIGHUP');
      expect(await isThere()).toBe(true);
      terminal.kill('SIGKILL');
      await until(async () => !(await isThere()), 'the gateway to end', 5_000);
    } finally {
      terminal.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    }
  });
});
