import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';

import { SignJWT } from 'jose';

import { docBlocks, recipe } from '../support/doc-blocks.ts';
import { DocPlace } from '../support/doc-place.ts';
import { BIN, type RunningGateway } from '../support/gateway.ts';
import { startRecipe, toolsOf } from '../support/lived-recipe.ts';
import { HAS_REDIS, RunningRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

const ALL = ['add', 'count_down', 'echo', 'get_time', 'server_info'];
const PASSWORD = 'canary-password:1';
/** What can be run here: everything that needs neither a client nor a network. */
const RUNNABLE = /^(umask|mcp-gateway (keys|explain)|openssl|printf|grep|sed|rm) /;
const BLOCKS = docBlocks('security.md').filter(({ language }) => language === 'bash');

let place: DocPlace;
/** Where `cd /etc/mcp-gateway` leads to. */
let directory: string;

/** Runs the commands below a heading, as they stand there, and returns what they print. */
function run(heading: string): string {
  const blocks = BLOCKS.filter((block) => block.heading === heading && RUNNABLE.test(block.text));
  expect(blocks.length).toBeGreaterThan(0);
  const script = `set -eu -o pipefail\nmcp-gateway() { "${process.execPath}" "${BIN}" "$@"; }\n${blocks.map(({ text }) => text).join('')}`;
  const env = { ...process.env, PASSWORD, JWT_SECRET: place.variables('${JWT_SECRET}')['JWT_SECRET'] };
  return execFileSync('bash', ['-c', script], {
    cwd: directory,
    encoding: 'utf8',
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

beforeAll(async () => {
  place = await DocPlace.create();
  directory = join(place.directory, 'etc/mcp-gateway');
  mkdirSync(directory, { recursive: true });
});

afterAll(() => place[Symbol.dispose]());

/** A gateway with the recipe below a heading; its files that were made already stay as they are. */
async function started(heading: string, made: readonly string[] = []): Promise<RunningGateway & AsyncDisposable> {
  const kept = made.map((name) => [join(directory, name), readFileSync(join(directory, name))] as const);
  const text = place.moved(recipe(heading));
  for (const [file, bytes] of kept) writeFileSync(file, bytes);
  const gateway = await startRecipe(text, place);
  return Object.assign(gateway, { [Symbol.asyncDispose]: async () => void (await gateway.stop()) });
}

describe('the recipe behind nginx or Traefik', () => {
  it('shows the admin API to nobody whom the proxy brings', async () => {
    const gateway = await startRecipe(recipe('Behind nginx or Traefik'), place);
    const status = async (headers: Record<string, string>): Promise<number> => {
      const sent = request(new URL('/api/v1/status', gateway.url), { headers, agent: false }).end();
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      response.resume();
      return response.statusCode ?? 0;
    };
    try {
      expect(await status({})).toBe(200);
      expect(await status({ host: 'gateway.example.com' })).toBe(404);
      expect(await status({ 'x-forwarded-for': '203.0.113.9' })).toBe(404);
      expect(await status({ host: 'evil.example' })).toBe(403);
    } finally {
      await gateway.stop();
    }
  });
});

describe('the commands in docs/security.md', () => {
  it('make a key that is good until its row is taken away', async () => {
    run('API keys');
    const file = join(directory, 'keys.toml');
    const key = readFileSync(join(directory, 'ci.key'), 'utf8').trim();
    await using gateway = await started('API keys', ['keys.toml']);
    const ask = async (): ReturnType<typeof toolsOf> => toolsOf(gateway, place, { headers: { 'x-api-key': key } });

    expect(await ask()).toMatchObject({ status: 200, tools: ['get_time'] });
    expect(readFileSync(file, 'utf8')).toContain(
      execFileSync('bash', ['-c', `"${process.execPath}" "${BIN}" keys hash < ci.key`], { cwd: directory })
        .toString()
        .trim(),
    );

    writeFileSync(file, '');
    await until(async () => (await ask()).status === 401, 'the key to be bad');
  });

  it('make a hash by which somebody logs in', async () => {
    run('Passwords for a small team');
    await using gateway = await started('Passwords for a small team', ['ada.hash']);
    const ask = async (password: string): ReturnType<typeof toolsOf> => {
      const authorization = `Basic ${Buffer.from(`ada:${password}`).toString('base64')}`;
      return toolsOf(gateway, place, { headers: { authorization } });
    };

    expect(await ask(PASSWORD)).toMatchObject({ status: 200, tools: ALL });
    expect((await ask('canary-password')).status).toBe(401);
  });

  it('make an authority, and a certificate that lets its holder in', async () => {
    expect(run('Client certificates of a private authority')).toContain('ci.pem: OK');
    const text = (name: string): string => readFileSync(join(directory, name), 'utf8');
    const identity = { cert: text('ci.pem'), key: text('ci.key') };
    const stranger = place.authority.client('ci', { names: ['URI:spiffe://example.com/ci'] });
    await using gateway = await started('Client certificates of a private authority', ['clients-ca.pem']);

    expect(await toolsOf(gateway, place, { identity })).toMatchObject({ status: 200, tools: ['get_time'] });
    expect((await toolsOf(gateway, place, { identity: stranger })).status).toBe(401);
    expect((await toolsOf(gateway, place)).status).toBe(401);
  });

  it('explain who may read and who may not write', () => {
    writeFileSync(join(directory, 'gateway.toml'), recipe('Read-only roles for teams'));
    const [first, ...rest] = run('Read-only roles for teams').split('\n');
    expect(first).toBe('allowed');
    expect(rest.join('\n')).toContain('hidden: ');
  });

  it.skipIf(!HAS_REDIS)('make a user of Redis that can do what the gateway needs', async () => {
    const heading = 'Rate limits with Redis';
    const acl = docBlocks('security.md').find((block) => block.heading === heading && block.text.startsWith('ACL '))!;
    const redis = await RunningRedis.start();
    try {
      const secret = place.variables('${REDIS_PASSWORD}')['REDIS_PASSWORD']!;
      await redis.say('ACL', ...acl.text.trim().replace('PASSWORD', secret).split(' ').slice(1));
      const url = `redis://gateway:\${REDIS_PASSWORD}@127.0.0.1:${redis.port}/0`;
      const text = recipe(heading)
        .replace(/rediss:[^"]+/, url)
        .replace('[redis]', '[server]\nport = 0\n\n[redis]');
      const gateway = await startRecipe(text, place);
      try {
        const token = new SignJWT({ sub: 'ann' }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('1h');
        const signed = await token.sign(Buffer.from(place.variables('${JWT_SECRET}')['JWT_SECRET']!));
        const { status } = await toolsOf(gateway, place, { headers: { authorization: `Bearer ${signed}` } });
        expect(status).toBe(200);
        // The count of one request is gone in a moment; what was asked of Redis is not.
        expect(await redis.say('INFO', 'commandstats')).toMatch(/^cmdstat_eval(sha)?:.*rejected_calls=0/m);
        expect(await redis.say('ACL', 'LOG')).toEqual([]);
      } finally {
        await gateway.stop();
      }
    } finally {
      await redis.stop();
    }
  });
});
