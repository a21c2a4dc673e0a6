import { randomBytes } from 'node:crypto';

import { ConfigService, configSchema, loadConfig, openConfig, readToml, TextSource } from '../config/index.js';
import { Events } from '../core/events.js';
import { Sealer } from '../core/sealed.js';
import { ConfiguredSealer } from './configured-sealer.js';
import { secretBytes } from './sealing-secrets.js';
import { SessionSection } from './session.section.js';

const OPTIONS = { sections: [SessionSection], environment: {} };
const [OLD, YOUNG] = [randomBytes(32).toString('base64'), 'a sentence that is long enough to seal with'];

function withKeys(...keys: readonly string[]): TextSource {
  return new TextSource(`[session]\nkeys = ${JSON.stringify(keys)}\n`, 'f');
}

async function started(...keys: readonly string[]) {
  const config = new ConfigService(await openConfig({ ...OPTIONS, source: withKeys(...keys) }), new Events());
  return { config, sealer: new ConfiguredSealer(config) };
}

describe('the sealer of a process', () => {
  it('seals for every process that has the same key', async () => {
    const { sealer } = await started(YOUNG, OLD);
    const { sealer: another } = await started(OLD, YOUNG);
    expect(another.open('session', 'b', sealer.seal('session', 'b', { a: 1 }))).toEqual({ a: 1 });
    expect(new Sealer(Buffer.from(YOUNG)).open('session', 'b', sealer.seal('session', 'b', { a: 1 }))).toEqual({
      a: 1,
    });
  });

  it('seals for itself alone without keys', async () => {
    const { sealer } = await started();
    const sealed = sealer.seal('cursor', 'b', {});
    expect(sealer.open('cursor', 'b', sealed)).toEqual({});
    expect((await started()).sealer.open('cursor', 'b', sealed)).toBeUndefined();
  });

  it('follows the configuration, and opens what was sealed before', async () => {
    const { config, sealer } = await started();
    const own = sealer.seal('session', 'b', {});
    await config.apply(withKeys(OLD));
    const old = sealer.seal('session', 'b', {});
    await config.apply(withKeys(YOUNG, OLD));
    const young = sealer.seal('session', 'b', {});
    expect([own, old, young].map((sealed) => sealer.open('session', 'b', sealed))).toEqual([{}, {}, {}]);

    await config.apply(withKeys(YOUNG));
    expect([own, old, young].map((sealed) => sealer.open('session', 'b', sealed))).toEqual([{}, undefined, {}]);
  });
});

describe('a configured key', () => {
  it('is the bytes of its base64, or its text', () => {
    const bytes = randomBytes(32);
    expect(secretBytes(bytes.toString('base64'))).toEqual(bytes);
    expect(secretBytes(bytes.toString('base64url'))).toEqual(bytes);
    expect(secretBytes(YOUNG)).toEqual(Buffer.from(YOUNG));
    expect(secretBytes('x'.repeat(32))).toEqual(Buffer.from('x'.repeat(32)));
  });

  it('is refused when it is short, without being shown', () => {
    const read = () => loadConfig(readToml('[session]\nkeys = ["tooshort"]\n', 'f'), OPTIONS);
    expect(read).toThrow(expect.objectContaining({ problems: [expect.objectContaining({ key: 'session.keys' })] }));
    try {
      read();
    } catch (thrown) {
      expect(JSON.stringify(thrown)).not.toContain('tooshort');
    }
  });

  it('that is none does not keep the gateway from saying so', async () => {
    for (const source of [withKeys('tooshort'), new TextSource('[session]\nkeys = [1]\n', 'f')]) {
      const opened = await openConfig({ ...OPTIONS, source });
      expect(opened.problems.map(({ key }) => key)).toEqual(['session.keys']);
      const sealer = new ConfiguredSealer(new ConfigService(opened, new Events()));
      expect(sealer.open('session', 'b', sealer.seal('session', 'b', {}))).toEqual({});
    }
  });

  it('may be a placeholder as far as the schema of the file goes', () => {
    const schema = JSON.stringify(configSchema([SessionSection]));
    expect(schema).toContain('"keys"');
    expect(schema).not.toContain('minLength');
  });
});
