import { createHash } from 'node:crypto';

import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Subscription } from 'rxjs';

import { type ConfigProblem, ConfigService, type ConfigSnapshot, watchFile } from '../config/index.js';
import { displayText } from '../core/display-text.js';
import { type DriftAction, Events, type ToolChange } from '../core/events.js';
import type { Pins, PinVerdict } from '../core/pins.js';
import { UpstreamSection } from '../upstream/index.js';
import { approvalFileOf, readApprovals } from './approval-file.js';
import { DriftLedger } from './drift-ledger.js';
import { BrokenLock, type Approvals } from './lock-file.js';
import { PinningSection } from './pinning.section.js';
import { describedTool, type DescribedTool, type ToolDefinition } from './tool-definition.js';

const SHOW: PinVerdict = { action: 'show' };
const HIDE: PinVerdict = { action: 'hide' };

/** What is compared, and with what. Never changes. */
interface InForce {
  readonly mark: string;
  readonly approvals: Approvals;
  /** By group; empty where nothing is compared. */
  readonly actions: ReadonlyMap<string, DriftAction>;
}

const NOTHING: InForce = { mark: '', approvals: new Map(), actions: new Map() };

/** Holds what was approved, and follows its file: a broken one changes nothing. */
@Injectable()
export class PinningService implements Pins, OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Pinning');
  private readonly ledger = new DriftLedger();
  private readonly listeners = new Set<() => void>();
  private readonly following: Subscription;
  /** What was read last of which file. */
  private read:
    { readonly file: string; readonly approvals: Approvals | undefined; readonly digest: string } | undefined;
  private inForce: InForce = NOTHING;
  private stopWatching: (() => void) | undefined;
  private watched: string | undefined;

  constructor(
    private readonly config: ConfigService,
    private readonly events: Events,
  ) {
    config.addCheck((next) => this.check(next));
    this.following = config.changes.subscribe(() => this.follow());
    this.follow();
  }

  get mark(): string {
    return this.inForce.mark;
  }

  onApplicationBootstrap(): void {
    this.watch();
  }

  onModuleDestroy(): void {
    this.following.unsubscribe();
    this.stopWatching?.();
    this.stopWatching = undefined;
  }

  confines(group: string): boolean {
    const action = this.inForce.actions.get(group);
    return action === 'hide' || action === 'keep';
  }

  listen(callback: () => void): () => void {
    this.listeners.add(callback);
    return () => this.listeners.delete(callback);
  }

  judge(group: string, name: string, bytes: Buffer): PinVerdict {
    const { actions, approvals } = this.inForce;
    const action = actions.get(group);
    if (action === undefined) return SHOW;
    const approved = approvals.get(group)?.get(name);
    const tool = describedTool(bytes);
    if (approved && approved.sha256 === tool.sha256 && !tool.isAmbiguous) return SHOW;
    const change: ToolChange = approved ? 'changed' : 'added';
    this.report({ group, name, sha256: tool.sha256, change, action });
    return verdictOf(action, tool, approved);
  }

  private report(
    drift: Record<'group' | 'name' | 'sha256', string> & { change: ToolChange; action: DriftAction },
  ): void {
    const { group, name, sha256, change, action } = drift;
    const news = this.ledger.take(group, name, sha256, change, action);
    if (news === 'known') return;
    if (news === 'last') {
      const msg = `more tools of group ${group} are not as they were approved than are told of`;
      this.logger.warn({ msg, upstream_group: group, action });
      return;
    }
    const tool = displayText(name);
    const what = change === 'added' ? 'was never approved' : 'is not described as it was approved';
    const msg = `tool ${JSON.stringify(tool)} of group ${group} ${what}`;
    this.logger.warn({ msg, upstream_group: group, tool, sha256, change, action });
    this.events.emit('tool.drifted', { group, tool: name, change, action });
  }

  private check(next: ConfigSnapshot): ConfigProblem[] {
    const file = approvalFileOf(next);
    if (next.get(PinningSection).enabled === false) return [];
    try {
      readApprovals(file);
      return [];
    } catch (thrown) {
      if (!(thrown instanceof BrokenLock)) throw thrown;
      // What was read before it broke is still there.
      if (this.read?.file === file && this.read.approvals) return [];
      return [{ key: 'security.pinning.file', message: `the lock file cannot be used: ${thrown.message}` }];
    }
  }

  /** The configuration or the file is another one. */
  private follow(): void {
    const { snapshot } = this.config;
    this.load(approvalFileOf(snapshot));
    const { mark } = this.inForce;
    this.inForce = this.inForceOf(snapshot);
    if (this.stopWatching) this.watch();
    if (mark === this.inForce.mark) return;
    this.ledger.begin();
    for (const callback of this.listeners) callback();
  }

  private load(file: string): void {
    const before = this.read?.file === file ? this.read : undefined;
    try {
      const found = readApprovals(file);
      if (!found && before?.approvals) {
        this.logger.warn('the lock file is gone; what it approved stays approved until the next start');
        return;
      }
      this.read = { file, approvals: found?.approvals, digest: found ? digestOf(found.text) : '' };
    } catch (thrown) {
      if (!(thrown instanceof BrokenLock)) throw thrown;
      this.logger.error(`the lock file cannot be used: ${thrown.message}; what was approved before stays`);
      this.read ??= { file, approvals: undefined, digest: '' };
    }
  }

  private inForceOf(snapshot: ConfigSnapshot): InForce {
    const { enabled } = snapshot.get(PinningSection);
    const groups = Object.entries(snapshot.get(UpstreamSection).groups);
    const { approvals, digest = '' } = this.read ?? {};
    const isWanted = approvals !== undefined || groups.some(([, { onDrift }]) => onDrift !== 'log');
    if (!(enabled ?? isWanted)) return NOTHING;
    // Of a group that nobody has looked at yet nothing is known that a tool could differ from.
    const compared = groups.filter(([name, { onDrift }]) => onDrift !== 'log' || approvals?.has(name));
    const actions = new Map(compared.map(([name, { onDrift }]) => [name, onDrift]));
    return { approvals: approvals ?? new Map(), actions, mark: JSON.stringify([digest, ...actions]) };
  }

  private watch(): void {
    const file = approvalFileOf(this.config.snapshot);
    if (this.watched === file) return;
    this.stopWatching?.();
    this.watched = file;
    this.stopWatching = watchFile(file, async () => this.follow());
  }
}

function verdictOf(action: DriftAction, tool: DescribedTool, approved: ToolDefinition | undefined): PinVerdict {
  if (action === 'log') return SHOW;
  if (action === 'hide' || !approved) return HIDE;
  return { action: 'replace', bytes: Buffer.from(JSON.stringify({ ...approved.definition, ...tool.rest })) };
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
