import { Logger } from '@nestjs/common';
import type { Redis } from 'ioredis';

import type { Clock, Timer } from '../../core/clock.js';
import { GCRA_SCRIPT } from './gcra.script.js';
import { redisOptions } from './redis-options.js';
import type { RedisSection } from './redis.section.js';

/** How long Redis is left alone after it failed, before it is asked whether it is back. Milliseconds. */
const RECHECK_MS = 2_000;

/** What the script answers. */
export type GcraAnswer = readonly [allowed: number, debtMs: string, earlyMs: string];
/** @see GCRA_SCRIPT */
export type GcraArguments = readonly [key: string, intervalMs: number, toleranceMs: number, cost: number, now: string];

interface Scripted {
  gcra(...args: GcraArguments): Promise<GcraAnswer>;
}

type Client = Redis & Scripted;

/** What a link tells whoever opened it. */
export interface LinkHost {
  readonly clock: Clock;
  /** Redis can be used from now on, or no longer. */
  changed(up: boolean): void;
}

/**
 * The connection to one Redis. One failure is enough to leave it alone: until it has shown in the background that it
 * can do what it is asked, nobody waits for it.
 */
export class RedisLink {
  private readonly logger = new Logger('Redis');
  private client: Client | undefined;
  private recheck: Timer | undefined;
  private usable = false;
  private checking = false;
  private closed = false;
  /** Said once, until it is back. */
  private saidDown = false;
  private saidKey = false;

  constructor(
    private readonly section: RedisSection,
    private readonly host: LinkHost,
  ) {}

  get up(): boolean {
    return this.usable;
  }

  /** Connects in the background, and goes on trying. Never rejects. */
  async open(): Promise<void> {
    try {
      const { Redis } = await import('ioredis');
      if (this.closed) return;
      const client = new Redis({
        ...redisOptions(this.section),
        scripts: { gcra: { lua: GCRA_SCRIPT, numberOfKeys: 1 } },
      }) as Client;
      this.client = client;
      client.on('error', (error: Error) => this.failed(error));
      client.on('close', () => this.failed(new Error('connection closed')));
      client.on('ready', () => void this.check());
      await client.connect();
    } catch (thrown) {
      this.failed(thrown);
    }
  }

  close(): void {
    this.closed = true;
    this.recheck?.cancel();
    this.setUp(false);
    this.client?.disconnect();
  }

  /** Undefined where Redis could not do it. To be asked only while it is up. Never rejects. */
  async gcra(...[key, ...rest]: GcraArguments): Promise<GcraAnswer | undefined> {
    try {
      return await this.client?.gcra(`${this.section.keyPrefix}${key}`, ...rest);
    } catch (thrown) {
      if (isAboutKey(thrown)) this.strangeKey();
      else this.failed(thrown);
      return undefined;
    }
  }

  /** Asks for all that will be asked of it: a replica that may only be read answers pings as well. */
  private async check(): Promise<void> {
    if (this.checking || this.closed || this.client?.status !== 'ready') return;
    this.checking = true;
    try {
      await this.client.gcra(`${this.section.keyPrefix}probe`, 1, 1_000, 0, '');
      this.recovered();
    } catch (thrown) {
      this.failed(thrown);
    } finally {
      this.checking = false;
    }
  }

  private recovered(): void {
    if (this.closed || this.usable) return;
    this.recheck?.cancel();
    this.recheck = undefined;
    this.setUp(true);
    this.saidDown = false;
    this.logger.log('Redis is there: counts are shared');
  }

  private failed(thrown: unknown): void {
    if (this.closed) return;
    this.setUp(false);
    this.recheck ??= this.host.clock.after(RECHECK_MS, () => {
      this.recheck = undefined;
      void this.check();
    });
    if (this.saidDown) return;
    this.saidDown = true;
    this.logger.warn(`Redis is not there (${reasonOf(thrown)}): this process counts for itself until it is`);
  }

  private setUp(up: boolean): void {
    if (this.usable === up) return;
    this.usable = up;
    this.host.changed(up);
  }

  /** Something else stands under one of our keys. The others are none the worse. */
  private strangeKey(): void {
    if (this.saidKey) return;
    this.saidKey = true;
    this.logger.warn('a key in Redis is of another type than a count: is key_prefix used by somebody else?');
  }
}

function isAboutKey(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.message.includes('WRONGTYPE');
}

/** A word for it: messages of the library name hosts, and may name more. */
function reasonOf(thrown: unknown): string {
  const { code, message = '' } = thrown as { code?: unknown; message?: string };
  if (typeof code === 'string') return code;
  if (message === 'Command timed out') return 'it took too long';
  if (message === 'connection closed') return message;
  return /^[A-Z]{4,}(?= )/.exec(message)?.[0] ?? 'it failed';
}
