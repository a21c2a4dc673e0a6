import type { INestApplication } from '@nestjs/common';
import type { Logger } from 'pino';

import { ConfigService } from './config/index.js';
import { Downstream, ServerSection } from './downstream/index.js';
import { ProcessLifecycle } from './lifecycle.js';
import { ROOT_LOGGER } from './logging/index.js';
import { TopologyService } from './routing/index.js';

/** How long servers may take to answer what nobody waits for any more. Milliseconds. */
const CHILD_GRACE_MS = 0;

/**
 * Stops in order: readiness turns 503, nothing new is taken, what is in flight finishes within
 * `[server] shutdown_timeout`, connections close, children end, ports close. Asked twice, it stops once.
 */
export function stop(app: INestApplication): Promise<void> {
  return app.get(ProcessLifecycle).stop(async () => {
    const { shutdownTimeout } = app.get(ConfigService).get(ServerSection);
    await app.get(Downstream).drain(shutdownTimeout);
    await app.get(TopologyService).close(CHILD_GRACE_MS);
    await app.close();
  });
}

/** SIGTERM and SIGINT stop the gateway, SIGHUP reloads its configuration, a fault of ours ends it with 1. */
export function stopOnSignals(app: INestApplication): void {
  const logger = app.get<Logger>(ROOT_LOGGER);
  const end = (code: number): void => {
    void stop(app).then(
      () => process.exit(code),
      (thrown: unknown) => {
        logger.fatal({ err: thrown }, 'the stop failed');
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      logger.info({ signal }, 'stopping');
      end(0);
    });
  }
  process.on('SIGHUP', () => void app.get(ConfigService).reload());
  for (const fault of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(fault, (thrown: unknown) => {
      logger.fatal({ err: thrown }, fault);
      process.exit(1);
    });
  }
}
