import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Global, Injectable, Logger, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { IsInt } from 'class-validator';

import { Events, type GatewayEvents } from '../core/events.js';
import { Doc } from '../extension/index.js';
import { ConfigModule } from './config.module.js';
import { type ConfigChange, ConfigService, openConfig } from './config.service.js';
import type { ConfigDocument } from './document/config-document.js';
import { formatProblem } from './problem.js';
import { Section } from './section.js';
import type { ConfigSource } from './source/config-source.js';
import { TextSource } from './source/text.source.js';

@Section('server', { restart: true })
class ServerSection {
  @Doc('Port.') @IsInt() readonly port: number = 8080;
}

@Section('upstream')
class UpstreamSection {
  @Doc('Groups.') @IsInt() readonly groups: number = 1;
  @Doc('Default group.') readonly preferred: string = 'a';
}

/** A source whose text a test changes, and that says so when told to. */
class Scripted implements ConfigSource {
  readonly name = 'gateway.toml';
  text = '';
  watchers = 0;
  private onChange: () => void = () => undefined;

  read(): Promise<ConfigDocument> {
    return new TextSource(this.text).read();
  }

  watch(onChange: () => void): () => void {
    this.onChange = onChange;
    this.watchers++;
    return () => this.watchers--;
  }

  change(text: string): void {
    this.text = text;
    this.onChange();
  }
}

async function setUp(text = ''): Promise<{
  source: Scripted;
  config: ConfigService;
  changes: ConfigChange[];
  heard: unknown[];
}> {
  const source = new Scripted();
  source.text = text;
  const opened = await openConfig({ source, sections: [ServerSection, UpstreamSection], environment: {} });
  const events = new Events();
  const config = new ConfigService(opened, events);
  const changes: ConfigChange[] = [];
  const heard: unknown[] = [];
  config.changes.subscribe((change) => changes.push(change));
  for (const name of ['config.applied', 'config.rejected'] as (keyof GatewayEvents)[]) {
    events.on(name, (event) => heard.push([name, event]));
  }
  return { source, config, changes, heard };
}

beforeAll(() => Logger.overrideLogger(false));
afterAll(() => Logger.overrideLogger(['error']));

describe('ConfigService', () => {
  it('gives the sections of the first configuration as generation 1', async () => {
    const { config } = await setUp('[server]\nport = 81');

    expect(config.get(ServerSection).port).toBe(81);
    expect(config.generation).toBe(1);
  });

  it('applies a change as a whole and says so once', async () => {
    const { source, config, changes, heard } = await setUp();
    source.text = '[upstream]\ngroups = 2';

    const outcome = await config.reload();

    expect(outcome).toEqual({ kind: 'applied', generation: 2, changed: ['upstream'], needRestart: [] });
    expect(config.get(UpstreamSection).groups).toBe(2);
    expect(
      changes.map(({ previous, next, generation }) => [
        previous.get(UpstreamSection).groups,
        next.get(UpstreamSection).groups,
        generation,
      ]),
    ).toEqual([[1, 2, 2]]);
    expect(heard).toEqual([['config.applied', { generation: 2, changed: ['upstream'] }]]);
  });

  it('applies what stands in the files that it refers to as well', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'config-files-'));
    const file = join(directory, 'certificate.pem');
    try {
      const { config, changes } = await setUp();
      config.addFiles(() => [file]);
      config.onApplicationBootstrap();
      expect((await config.reload()).kind).toBe('unchanged');

      for (const text of ['one', 'other']) {
        writeFileSync(file, text);
        expect(await config.reload()).toMatchObject({ kind: 'applied', changed: [] });
        expect((await config.reload()).kind).toBe('unchanged');
      }
      expect(changes).toHaveLength(2);
      config.onModuleDestroy();
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('keeps everything as it was when the new one has a problem', async () => {
    const { source, config, changes, heard } = await setUp('[upstream]\ngroups = 5');
    source.text = '[upstream]\ngroups = "x"\npreferd = "b"';

    const outcome = await config.reload();

    expect(outcome).toMatchObject({ kind: 'rejected', generation: 1 });
    expect(config.get(UpstreamSection).groups).toBe(5);
    expect(changes).toEqual([]);
    expect(heard).toMatchObject([
      [
        'config.rejected',
        {
          problems: [
            { file: 'gateway.toml', line: 2, column: 1, key: 'upstream.groups' },
            { file: 'gateway.toml', line: 3, column: 1, key: 'upstream.preferd' },
          ],
        },
      ],
    ]);
  });

  it('asks every check before it applies, and finds the place of what they say', async () => {
    const { source, config } = await setUp();
    config.addCheck(async (next) =>
      next.get(UpstreamSection).groups > 9 ? [{ key: 'upstream.groups', message: 'too many' }] : [],
    );
    const takeBack = config.addCheck((next) =>
      next.get(UpstreamSection).preferred === 'z' ? [{ key: 'upstream.preferred', message: 'no such group' }] : [],
    );
    source.text = '[upstream]\npreferred = "z"\n  groups = 10';

    const refused = await config.reload();
    takeBack();
    source.text = '[upstream]\npreferred = "z"';
    const applied = await config.reload();

    expect(refused.kind === 'rejected' && refused.problems.map(formatProblem)).toEqual([
      'gateway.toml:2:1: upstream.preferred: no such group',
      'gateway.toml:3:3: upstream.groups: too many',
    ]);
    expect(applied.kind).toBe('applied');
  });

  it('verifies the first configuration when all checks are there', async () => {
    const { config } = await setUp('[upstream]\ngroups = 3');
    config.addCheck(() => [{ key: 'upstream.groups', message: 'three is a crowd' }]);

    expect((await config.verify()).map(formatProblem)).toEqual(['gateway.toml:2:1: upstream.groups: three is a crowd']);
  });

  it('reports a change that needs a restart, and applies the rest', async () => {
    const { source, config } = await setUp();
    source.text = '[server]\nport = 1\n[upstream]\ngroups = 2';

    const outcome = await config.reload();

    expect(outcome).toEqual({ kind: 'applied', generation: 2, changed: ['upstream'], needRestart: ['server'] });
    expect(config.get(ServerSection).port).toBe(8080);
    expect(await config.reload()).toEqual({ kind: 'unchanged', generation: 2, needRestart: ['server'] });
  });

  it('does nothing when nothing changed', async () => {
    const { source, config, changes, heard } = await setUp();
    source.text = '# only a comment\n[upstream]\ngroups = 1';

    expect(await config.reload()).toEqual({ kind: 'unchanged', generation: 1, needRestart: [] });
    expect([changes, heard]).toEqual([[], []]);
  });

  it('applies one after the other when asked for several at once', async () => {
    const { config, changes } = await setUp();

    const outcomes = await Promise.all(
      [2, 3, 4].map((groups) => config.apply(new TextSource(`[upstream]\ngroups = ${groups}`))),
    );

    expect(outcomes.map(({ generation }) => generation)).toEqual([2, 3, 4]);
    expect(changes.map(({ next }) => next.get(UpstreamSection).groups)).toEqual([2, 3, 4]);
  });

  it('reads once for all who ask before it has begun, and again for who asks later', async () => {
    const { config, source, changes } = await setUp();
    const reads = vi.spyOn(source, 'read');
    source.text = '[upstream]\ngroups = 2';
    const outcomes = await Promise.all(Array.from({ length: 30 }, () => config.reload()));
    source.text = '[upstream]\ngroups = 3';
    await config.reload();

    expect(outcomes.map(({ generation }) => generation)).toEqual(Array.from({ length: 30 }, () => 2));
    expect(reads).toHaveBeenCalledTimes(2);
    expect(changes).toHaveLength(2);
  });

  it('survives a check that throws', async () => {
    const { config, source } = await setUp();
    config.addCheck(() => {
      throw new Error('bug');
    });
    source.text = '[upstream]\ngroups = 2';

    expect(await config.reload()).toMatchObject({ kind: 'rejected', problems: [{ message: 'internal error' }] });
    expect(config.generation).toBe(1);
  });

  it('follows its source from the start of the application to its end', async () => {
    const source = new Scripted();
    const opened = await openConfig({ source, sections: [ServerSection, UpstreamSection], environment: {} });
    @Injectable()
    class Reader {
      readonly port: number;
      constructor(config: ConfigService) {
        this.port = config.get(ServerSection).port;
      }
    }
    @Global()
    @Module({ providers: [Events], exports: [Events] })
    class EventsModule {}
    const app = await Test.createTestingModule({
      imports: [EventsModule, ConfigModule.forRoot(opened)],
      providers: [Reader],
    }).compile();
    await app.init();
    const applied = new Promise((resolve) => app.get(Events).on('config.applied', resolve));

    source.change('[upstream]\ngroups = 2');
    await applied;

    expect(app.get(Reader).port).toBe(8080);
    expect(app.get(ConfigService).get(UpstreamSection).groups).toBe(2);
    expect(source.watchers).toBe(1);
    await app.close();
    expect(source.watchers).toBe(0);
  });
});
