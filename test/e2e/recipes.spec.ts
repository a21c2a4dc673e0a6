import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { TextSource } from '../../src/config/index.ts';
import { validateGateway } from '../../src/start.ts';
import { docBlocks, isWhole } from '../support/doc-blocks.ts';
import { DocPlace } from '../support/doc-place.ts';
import { ROOT } from '../support/gateway.ts';

const PAGES = [
  'security.md',
  'authentication.md',
  'oauth.md',
  'authorization.md',
  'rate-limits.md',
  'tls.md',
  'tool-pinning.md',
  'argument-validation.md',
  'upstream-credentials.md',
  'audit.md',
  'admin.md',
  'quickstart.md',
  'sessions.md',
  'transports.md',
];
const BLOCKS = PAGES.flatMap(docBlocks);
const TOML = BLOCKS.filter(({ language }) => language === 'toml');

let place: DocPlace;

beforeAll(async () => {
  // Each look at a configuration adds one for the exit of the process.
  process.setMaxListeners(200);
  place = await DocPlace.create();
});

afterAll(() => {
  place[Symbol.dispose]();
  vi.unstubAllEnvs();
});

describe('the configurations in the documentation', () => {
  it('has all of docs/security.md in whole configurations', () => {
    const recipes = TOML.filter(({ place: where }) => where.startsWith('security.md'));
    expect(recipes.length).toBeGreaterThanOrEqual(13);
    expect(recipes.filter((block) => !isWhole(block))).toEqual([]);
  });

  it.each(TOML.map((block) => [block.place, block] as const))('takes %s', async (_where, block) => {
    for (const [name, value] of Object.entries(place.variables(block.text))) vi.stubEnv(name, value);
    expect(await problemsOf(place.whole(block))).toEqual([]);
  });

  it('takes config/gateway.example.toml, which says every default', async () => {
    expect(await problemsOf(readFileSync(join(ROOT, 'config/gateway.example.toml'), 'utf8'))).toEqual([]);
  });
});

async function problemsOf(text: string): Promise<readonly unknown[]> {
  return validateGateway({ config: new TextSource(text), dev: false, logLevel: 'silent' });
}
