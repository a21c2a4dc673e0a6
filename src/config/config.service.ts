import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  Optional,
} from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';

import { Events, type ProblemReport } from '../core/events.js';
import type { ApplyOutcome, ConfigInForce } from '../core/reload.js';
import { WORKER_BUS, type WorkerBus } from '../core/worker-bus.js';
import type { ShapeClass } from '../extension/index.js';
import type { ConfigSnapshot } from './config-snapshot.js';
import { contentsOf } from './source/contents.js';
import { loadConfig, type LoadOptions } from './load/load-config.js';
import { JointReloads } from './joint-reloads.js';
import { type ConfigProblem, ConfigRejection, inOrder } from './problem.js';
import type { Prepared } from './prepared.js';
import { sectionInfo } from './section.js';
import type { ConfigSource } from './source/config-source.js';

/** A configuration that took effect, and the one before it. */
export interface ConfigChange {
  readonly previous: ConfigSnapshot;
  readonly next: ConfigSnapshot;
  readonly generation: number;
}

/** Looks at a whole new configuration before it is applied: references between sections, names of extensions. */
export type ConfigCheck = (next: ConfigSnapshot) => readonly ConfigProblem[] | Promise<readonly ConfigProblem[]>;

/** The files that a configuration refers to and that are read when it is applied, such as certificates. */
export type FileReferences = (snapshot: ConfigSnapshot) => readonly string[];

/** A configuration that was read once, and how it is read again. */
export interface OpenedConfig extends LoadOptions {
  readonly source: ConfigSource;
  readonly snapshot: ConfigSnapshot;
  /** Its number: 1, unless other workers run it already. */
  readonly generation?: number;
}

/**
 * Reads a source for the first time. What is wrong with it is told beside what could be read, so that the
 * checks can say the rest before anything is refused.
 *
 * @throws ConfigRejection when nothing could be read
 */
export async function openConfig(
  options: LoadOptions & { readonly source: ConfigSource; readonly inForce?: ConfigInForce | undefined },
): Promise<OpenedConfig & { readonly problems: readonly ProblemReport[] }> {
  const { source, inForce } = options;
  if (inForce && source.recall) return { ...options, ...recalled(inForce, source.recall.bind(source), options) };
  try {
    return { ...options, snapshot: loadConfig(await options.source.read(), options), problems: [] };
  } catch (thrown) {
    if (!(thrown instanceof ConfigRejection) || !thrown.partial) throw thrown;
    return { ...options, snapshot: thrown.partial, problems: thrown.problems };
  }
}

/** What other workers run: the sections that need a restart are those of the start. @throws ConfigRejection */
function recalled(
  { generation, first, last }: ConfigInForce,
  recall: NonNullable<ConfigSource['recall']>,
  options: LoadOptions,
): Pick<OpenedConfig, 'snapshot' | 'generation'> & { readonly problems: readonly ProblemReport[] } {
  const begun = loadConfig(recall(first), options);
  const loaded = loadConfig(recall(last), options);
  const waiting = loaded.changedFrom(begun).filter((section) => sectionInfo(section).restart);
  return { snapshot: loaded.keeping(waiting, begun), generation, problems: [] };
}

/**
 * Holds the configuration that is in force, and replaces it as a whole.
 *
 * A new one is read, validated and checked first; until all of that has succeeded nothing changes, and
 * when it has, `changes` emits once.
 */
@Injectable()
export class ConfigService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Config');
  private readonly applied = new Subject<ConfigChange>();
  private readonly checks = new Set<ConfigCheck>();
  private readonly references = new Set<FileReferences>();
  /** What stood in the files that the configuration in force refers to. */
  private contents = '';
  private current: ConfigSnapshot;
  private count: number;
  /** Where several workers have to apply the same. */
  private readonly joint: JointReloads | undefined;
  private busy: Promise<unknown> = Promise.resolve();
  /** A reload that has not begun yet. */
  private reloading: Promise<ApplyOutcome> | undefined;
  private stopWatching: (() => void) | undefined;

  constructor(
    private readonly opened: OpenedConfig,
    private readonly events: Events,
    @Optional() @Inject(WORKER_BUS) bus?: WorkerBus,
  ) {
    this.current = opened.snapshot;
    this.count = opened.generation ?? 1;
    this.joint = bus && bus.size > 1 ? new JointReloads(bus, this) : undefined;
  }

  get snapshot(): ConfigSnapshot {
    return this.current;
  }

  /** The number of the configuration in force: 1 from the start, one more with each that is applied. */
  get generation(): number {
    return this.count;
  }

  /** Each configuration that took effect after the first. */
  get changes(): Observable<ConfigChange> {
    return this.applied;
  }

  /** The frozen section of the configuration in force. Ask again after a change. */
  get<T extends object>(section: ShapeClass<T>): T {
    return this.current.get(section);
  }

  /** Has a say in every configuration from now on. Returns how to take it back. */
  addCheck(check: ConfigCheck): () => void {
    this.checks.add(check);
    return () => this.checks.delete(check);
  }

  /**
   * What stands in these files is part of every configuration from now on: a reload that finds something else in them
   * applies it, although the sections say the same.
   */
  addFiles(references: FileReferences): void {
    this.references.add(references);
  }

  /** What the checks say about the configuration in force: to be asked once, when all of them have been added. */
  verify(): Promise<readonly ProblemReport[]> {
    return this.runChecks(this.current);
  }

  /**
   * Reads the source again and applies what it says, in all workers or none; whoever asks before it has begun gets the
   * same. Never rejects.
   */
  reload(): Promise<ApplyOutcome> {
    if (this.joint) return this.joint.reload(false);
    return (this.reloading ??= this.inTurn(() => {
      this.reloading = undefined;
      return this.attempt(this.opened.source);
    }));
  }

  /** What the source said when it was read last; undefined where it has no text. */
  get text(): string | undefined {
    return this.opened.source.lastText;
  }

  /** Reads and checks what the source says, and applies nothing. */
  prepare(source: ConfigSource = this.opened.source): Promise<Prepared> {
    return this.inTurn(() => this.read(source));
  }

  /** Applies what was prepared, under that number. */
  commit(prepared: Prepared & { kind: 'good' }, generation: number): ApplyOutcome {
    return this.swap(prepared, generation);
  }

  /** Says that a configuration is not applied, and why. */
  reject(problems: readonly ProblemReport[]): ApplyOutcome {
    this.events.emit('config.rejected', { problems });
    return { kind: 'rejected', generation: this.count, problems };
  }

  /** Applies what another source says; the next `reload` goes back to the own one. One at a time, never rejects. */
  apply(source: ConfigSource): Promise<ApplyOutcome> {
    return this.inTurn(() => this.attempt(source));
  }

  onApplicationBootstrap(): void {
    this.contents = this.contentsFor(this.current);
    const seen = (): unknown => this.joint?.reload(true) ?? this.reload();
    this.stopWatching = this.opened.source.watch?.(() => void seen());
  }

  onModuleDestroy(): void {
    this.stopWatching?.();
    this.applied.complete();
  }

  private inTurn<Result>(attempt: () => Promise<Result>): Promise<Result> {
    const outcome = this.busy.then(attempt);
    this.busy = outcome;
    return outcome;
  }

  private async attempt(source: ConfigSource): Promise<ApplyOutcome> {
    const prepared = await this.read(source);
    return prepared.kind === 'bad' ? this.reject(prepared.problems) : this.swap(prepared, this.count + 1);
  }

  private async read(source: ConfigSource): Promise<Prepared> {
    try {
      const loaded = loadConfig(await source.read(), this.opened);
      const waiting = loaded.changedFrom(this.current).filter((section) => sectionInfo(section).restart);
      const next = loaded.keeping(waiting, this.current);
      const problems = await this.runChecks(next);
      if (problems.length > 0) return { kind: 'bad', problems };
      const contents = this.contentsFor(next);
      const changed = next.changedFrom(this.current).map(nameOf);
      const isNew = changed.length > 0 || contents !== this.contents;
      return { kind: 'good', next, changed, needRestart: waiting.map(nameOf), contents, isNew };
    } catch (thrown) {
      if (thrown instanceof ConfigRejection) return { kind: 'bad', problems: thrown.problems };
      this.logger.error(thrown);
      const problem = { file: source.name, line: undefined, column: undefined, key: '', message: 'internal error' };
      return { kind: 'bad', problems: [problem] };
    }
  }

  private swap(prepared: Prepared & { kind: 'good' }, generation: number): ApplyOutcome {
    const { next, changed, needRestart, contents, isNew } = prepared;
    if (needRestart.length > 0) {
      this.logger.warn(`a change of [${needRestart.join('], [')}] takes effect after a restart`);
    }
    if (!isNew) return { kind: 'unchanged', generation: this.count, needRestart };
    const previous = this.current;
    this.contents = contents;
    this.current = next;
    this.count = generation;
    this.applied.next({ previous, next, generation });
    this.events.emit('config.applied', { generation, changed });
    return { kind: 'applied', generation, changed, needRestart };
  }

  private contentsFor(snapshot: ConfigSnapshot): string {
    return contentsOf([...this.references].flatMap((references) => references(snapshot)));
  }

  private async runChecks(next: ConfigSnapshot): Promise<readonly ProblemReport[]> {
    const found = await Promise.all(Array.from(this.checks, async (check) => check(next)));
    return inOrder(
      found.flat().map(({ key, message, ...place }) => ({ ...next.provenance.locate(key), ...place, key, message })),
    );
  }
}

function nameOf(section: ShapeClass): string {
  return sectionInfo(section).name;
}
