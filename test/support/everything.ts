import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

import { freePort } from './free-port.ts';
import { ROOT } from './gateway.ts';
import { until } from './until.ts';

export const EVERYTHING = join(ROOT, 'node_modules/@modelcontextprotocol/server-everything/dist/index.js');

/** The reference server over Streamable HTTP, as a process of its own. */
export async function startEverythingHttp(): Promise<{ url: string; process: ChildProcess }> {
  const port = await freePort();
  const child = spawn(process.execPath, [EVERYTHING, 'streamableHttp'], {
    env: { ...process.env, PORT: String(port) },
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}/mcp`;
  await until(
    () =>
      fetch(url, { method: 'DELETE' }).then(
        () => true,
        () => false,
      ),
    'server-everything to listen',
  );
  return { url, process: child };
}
