import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { modern, MODERN, postModern } from '../support/modern.ts';
import { call } from '../support/raw-clients.ts';
import { until } from '../support/until.ts';
import { outcomeOf } from './support/siege.ts';
import { Target } from './support/target.ts';

const DOWN = ['upstream_unavailable', 'upstream_timeout', 'upstream_protocol_error'];

/** A modern server as a child process, which does when it is asked what it is whatever a file says by then. */
const CHILD = `
const { readFileSync, appendFileSync } = require('node:fs');
const [file] = process.argv.slice(1);
appendFileSync(file + '.starts', 'x');
const say = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
const flood = (text) => { const go = () => { while (process.stdout.write(text)); process.stdout.once('drain', go); }; go(); };
const deeds = {
  exit: () => process.exit(1),
  silence: () => undefined,
  lines: () => flood(('canary-noise '.repeat(8) + '\\n').repeat(600)),
  notices: () => flood((JSON.stringify({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' }) + '\\n').repeat(1000)),
};
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  const deed = deeds[readFileSync(file, 'utf8')];
  if (deed) return deed();
  if (method === 'server/discover') say({ id, result: { resultType: 'complete', supportedVersions: ['${MODERN}'], capabilities: { tools: {} } } });
  else if (method === 'tools/list') say({ id, result: { resultType: 'complete', tools: [{ name: 'fine', inputSchema: { type: 'object' } }], ttlMs: 0, cacheScope: 'private' } });
  else if (id !== undefined) say({ id, result: { resultType: 'complete', content: [{ type: 'text', text: 'fine' }] } });
}).on('close', () => process.exit());
`;

const NAMES = ['exit', 'silence', 'lines', 'notices'];
const folder = mkdtempSync(join(tmpdir(), 'hostile-child-'));
const fileOf = (name: string): string => join(folder, name);

let target: Target;
let memory: number;

beforeAll(async () => {
  for (const name of NAMES) writeFileSync(fileOf(name), 'fine');
  const groups = NAMES.map(
    (name) => `[[upstream.groups.${name}.servers]]
command = ${JSON.stringify(process.execPath)}
args = ["-e", ${JSON.stringify(CHILD)}, ${JSON.stringify(fileOf(name))}]
`,
  );
  target = await Target.start(`
[middleware.timeout]
upstream = "1500ms"
request = "2s"
[upstream]
initialize_timeout = "1s"
max_message_bytes = 1048576
reconnect = { min = "50ms", max = "200ms" }
circuit_breaker = { enabled = false }
health_check = { enabled = false }
${groups.join('')}`);
  memory = target.memory;
});
afterAll(async () => {
  try {
    await target.unharmed();
    expect(target.peakMemory - memory).toBeLessThan(150);
  } finally {
    await target.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

async function outcome(name: string): Promise<string> {
  const message = modern('tools/call', 1, call('fine', 1)['params'] as Record<string, unknown>);
  const { text, json } = await postModern(target, message, {}, `/mcp/${name}`);
  target.heard(text);
  return outcomeOf(json);
}

describe('a child process that speaks the modern era', { concurrent: false }, () => {
  it.each(NAMES)('and then has nothing to say but %s', async (name) => {
    expect(await outcome(name)).toBe('ok');
    writeFileSync(fileOf(name), name);
    expect(DOWN).toContain(await outcome(name));
    expect(await target.pinged()).toBeLessThan(1_000);
    const legacy = await target.introduced('2025-11-25', `/mcp/${name}`);
    expect(DOWN).toContain(outcomeOf(await legacy.ask(call('fine', 2))));
    legacy.socket.terminate();
    writeFileSync(fileOf(name), 'fine');
    // One that does not end by itself is not known to be another until somebody ends it.
    if (name === 'silence') return expect(await outcome(name)).toBe('ok');
    await until(async () => (await outcome(name)) === 'ok', 'a good answer', 5_000);
    return undefined;
  });
});
