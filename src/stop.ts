import { isatty } from 'node:tty';
import { inspect } from 'node:util';

import type { INestApplication } from '@nestjs/common';
import type { Logger } from 'pino';

import { ConfigService } from './config/index.js';
import { Downstream, FrontAdapter, ServerSection } from './downstream/index.js';
import { ProcessLifecycle } from './lifecycle.js';
import { ROOT_LOGGER } from './logging/index.js';
import { TopologyService } from './routing/index.js';
import { WORKER_BUS } from './core/worker-bus.js';
import { isWorker, leavesOthers } from './workers/index.js';

/** How long servers may take to answer what nobody waits for any more. Milliseconds. */
const CHILD_GRACE_MS = 0;

/** What a stop may take beyond the time that is granted to what is in flight. Milliseconds. */
const MARGIN_MS = 20_000;

/** What a stop may take at most. Milliseconds. */
export function stopMs(app: INestApplication): number {
  return app.get(ConfigService).get(ServerSection).shutdownTimeout + MARGIN_MS;
}

/**
 * Stops in order: readiness turns 503, nothing new is taken, what is in flight finishes within
 * `[server] shutdown_timeout`, connections close, children end, ports close. Asked twice, it stops once.
 */
export function stop(app: INestApplication): Promise<void> {
  return app.get(ProcessLifecycle).stop(async () => {
    const { shutdownTimeout } = app.get(ConfigService).get(ServerSection);
    if (await leavesOthers(app.get(WORKER_BUS))) stopListening(app);
    await app.get(Downstream).drain(shutdownTimeout);
    await app.get(TopologyService).close(CHILD_GRACE_MS);
    await app.close();
  });
}

/** Whoever comes now is for the others; the admin API may go on, since any worker answers for all. */
function stopListening(app: INestApplication): void {
  const adapter: unknown = app.getHttpAdapter();
  if (adapter instanceof FrontAdapter) adapter.stopListening();
}

/**
 * From now on SIGTERM and SIGINT end the process with 0, and a fault of ours ends it with 1; either way what is in
 * flight may finish first. SIGHUP reloads the configuration, unless it says that the terminal is gone that the
 * process was started on: then it ends too. Until there is something to stop, a signal just ends it.
 */
export class Signals {
  private app: INestApplication | undefined;
  /** Something was thrown that nobody caught: nothing is taken any more, and the process ends with 1. */
  private isFaulty = false;
  private isLeaving = false;
  private readonly startedOnTerminal = isOnTerminal();

  constructor() {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.end(signal));
    process.on('SIGHUP', () => {
      // The primary has all workers reload, and ends them where that is what it means.
      if (isWorker()) return;
      if (this.startedOnTerminal && !isOnTerminal()) this.end('SIGHUP');
      else void this.app?.get(ConfigService).reload();
    });
    if (isWorker()) process.once('disconnect', () => this.end('the primary is gone'));
    for (const fault of ['uncaughtException', 'unhandledRejection'] as const) {
      process.on(fault, (thrown: unknown) => {
        this.fatal(thrown, fault);
        // Whatever is broken, it does not get to break the stop as well.
        if (!this.app || this.isFaulty) process.exit(1);
        this.isFaulty = true;
        this.leave(this.app);
      });
    }
  }

  /** There is something to stop now. */
  attach(app: INestApplication): void {
    this.app = app;
  }

  /** Ends the process with 0, once; a terminal and the primary may both send the same signal. */
  end(signal: string): void {
    const { app } = this;
    if (!app) return process.exit(0);
    if (this.isLeaving) return;
    this.isLeaving = true;
    app.get<Logger>(ROOT_LOGGER).info({ signal }, 'stopping');
    this.leave(app);
  }

  /** Stops and ends the process, in bounded time. */
  private leave(app: INestApplication): void {
    const late = (): void => {
      this.fatal(undefined, 'the stop took too long');
      process.exit(1);
    };
    setTimeout(late, stopMs(app)).unref();
    stop(app).then(
      () => process.exit(this.isFaulty ? 1 : 0),
      (thrown: unknown) => {
        this.fatal(thrown, 'the stop failed');
        process.exit(1);
      },
    );
  }

  private fatal(thrown: unknown, what: string): void {
    if (this.app) this.app.get<Logger>(ROOT_LOGGER).fatal({ err: thrown }, what);
    else process.stderr.write(`${what}: ${inspect(thrown)}\n`);
  }
}

function isOnTerminal(): boolean {
  return isatty(0) || isatty(1);
}
