import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';

const BIN = resolve(import.meta.dirname, '../../bin/mcp-gateway');

/** What the gateway would be: says how it was started, and waits when asked to. */
const MAIN = `
const [command] = process.argv.slice(2);
if (command === 'wait') {
  const stay = setInterval(() => {}, 1000);
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => { console.log(signal); clearInterval(stay); });
}
console.log(JSON.stringify({ argv: process.argv.slice(2), path: process.env.PATH.split(':')[0] }));
if (command === 'fail') process.exit(7);
if (command === 'killed') process.kill(process.pid, 'SIGKILL');
`;

/** Makes a Node that says it is an old one. */
const PRETEND_OLD = `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.20.2'}})`;

let home: string;
let nodeHome: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mcp-gateway-bin-'));
  for (const directory of ['bin', 'dist']) mkdirSync(join(home, directory));
  copyFileSync(BIN, join(home, 'bin/mcp-gateway'));
  writeFileSync(join(home, 'package.json'), '{"type": "module"}');
  writeFileSync(join(home, 'dist/main.js'), MAIN);
  nodeHome = join(home, 'node_modules', `node-${process.platform}-${process.arch}`);
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

function installNode(): void {
  mkdirSync(join(nodeHome, 'bin'), { recursive: true });
  writeFileSync(join(nodeHome, 'package.json'), '{}');
  symlinkSync(process.execPath, join(nodeHome, 'bin/node'));
}

function start(node: readonly string[], ...argv: string[]): ChildProcess {
  return spawn(process.execPath, [...node, join(home, 'bin/mcp-gateway'), ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function outcome(child: ChildProcess): Promise<{ code: number | null; out: string; err: string }> {
  const [out, err] = [text(child.stdout!), text(child.stderr!)];
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code, out: await out, err: await err };
}

describe('bin/mcp-gateway', () => {
  it('runs the gateway in the same process on a Node that is new enough', async () => {
    const { code, out } = await outcome(start([], '--config', 'x'));

    expect(JSON.parse(out)).toMatchObject({ argv: ['--config', 'x'], path: process.env['PATH']?.split(':')[0] });
    expect(code).toBe(0);
  });

  it('hands over to the Node that npm installed, and puts it first on PATH', async () => {
    installNode();

    const { code, out } = await outcome(start(['--import', PRETEND_OLD], '--config', 'x'));

    expect(JSON.parse(out)).toMatchObject({ argv: ['--config', 'x'], path: join(nodeHome, 'bin') });
    expect(code).toBe(0);
  });

  it.each([
    ['fail', 7],
    ['killed', 137],
  ])('ends as the gateway ended: %s', async (command, code) => {
    installNode();

    expect(await outcome(start(['--import', PRETEND_OLD], command))).toMatchObject({ code });
  });

  it.each(['SIGTERM', 'SIGHUP'] as const)('passes %s on', async (signal) => {
    installNode();
    const child = start(['--import', PRETEND_OLD], 'wait');
    const lines: string[] = [];
    child.stdout!.setEncoding('utf8').on('data', (chunk: string) => lines.push(chunk));
    await once(child.stdout!, 'data');

    child.kill(signal);
    const [code] = (await once(child, 'close')) as [number];

    expect(lines.join('')).toContain(`${signal}\n`);
    expect(code).toBe(0);
  });

  it('says what is missing when there is no other Node', async () => {
    const { code, err } = await outcome(start(['--import', PRETEND_OLD]));

    expect(err.trim().split('\n')).toHaveLength(2);
    expect(err).toContain('mcp-gateway needs Node 24');
    expect(code).toBe(1);
  });
});
