import { TextSource } from '../../src/config/index.ts';
import { validateGateway } from '../../src/start.ts';
import { docBlocks, isWhole } from '../support/doc-blocks.ts';
import { DocPlace } from '../support/doc-place.ts';

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
    const config = new TextSource(place.whole(block));
    expect(await validateGateway({ config, dev: false, logLevel: 'silent' })).toEqual([]);
  });
});
