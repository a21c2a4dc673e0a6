import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { freePort } from './free-port.ts';
import { OwnProcess } from './own-process.ts';

const BIN = fileURLToPath(new URL('../../bin/mcp-gateway', import.meta.url));
const READY_WITHIN_MS = 20_000;
const ASK_EVERY_MS = 50;

/** The built gateway, ready and without a word, with one upstream server behind it: for the benchmark and the conformance suite. */
export interface Gateway extends AsyncDisposable {
  readonly process: OwnProcess;
  readonly port: number;
}

/**
 * Starts the gateway on a free port, in front of one server.
 *
 * @param more configuration; where there is any, metrics and the access log are on as well
 *
 * @throws if it is not ready in 20 seconds, with what it wrote
 */
export async function startGateway(upstreamUrl: string, more = ''): Promise<Gateway> {
  const port = await freePort();
  const directory = await mkdtemp(join(tmpdir(), 'mcp-gateway-'));
  const file = join(directory, 'gateway.toml');
  await writeFile(file, configuration(port, upstreamUrl, more));

  const gateway = new OwnProcess(BIN, ['--config', file]);
  const stop = async () => {
    await gateway[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  };

  try {
    await ready(gateway, port);
  } catch (error) {
    await stop();
    throw error;
  }
  return { process: gateway, port, [Symbol.asyncDispose]: stop };
}

function configuration(port: number, upstreamUrl: string, more: string): string {
  const isWatched = more !== '';
  return `
[server]
host = "127.0.0.1"
port = ${port}

[metrics]
enabled = ${isWatched}
port = 0

[logging]
level = "${isWatched ? 'info' : 'warn'}"

[upstream.groups.default]
strategy = "round_robin"

[[upstream.groups.default.servers]]
id = "only"
url = "${upstreamUrl}"
${more}`;
}

async function ready(gateway: OwnProcess, port: number): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;

  while (Date.now() < deadline && !gateway.ended) {
    const isReady = await fetch(`http://127.0.0.1:${port}/readiness`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    await delay(ASK_EVERY_MS);
  }
  throw new Error(`the gateway ${gateway.ended ? 'ended' : 'is not ready'}:\n${gateway.output}`);
}
