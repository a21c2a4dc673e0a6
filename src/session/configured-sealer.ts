import { randomBytes } from 'node:crypto';

import { Inject, Injectable, Logger, Optional } from '@nestjs/common';

import { ConfigService } from '../config/index.js';
import { Sealer } from '../core/sealed.js';
import { WORKER_BUS, type WorkerBus } from '../core/worker-bus.js';
import { sealingSecrets } from './sealing-secrets.js';
import { SessionSection } from './session.section.js';

const OWN_SECRET_BYTES = 32;

const NOT_BEYOND_PROCESS = 'no [session] keys: sessions are known to this process alone';
const NOT_BEYOND_WORKERS = 'no [session] keys: sessions are known to these workers alone';

/**
 * The sealer of this process: with the secrets of `[session] keys`, as the configuration in force has them. It has
 * one of its own besides, known to nobody but its fellow workers, which seals while there are none.
 */
@Injectable()
export class ConfiguredSealer extends Sealer {
  private readonly logger = new Logger('Sealing');

  constructor(config: ConfigService, @Optional() @Inject(WORKER_BUS) bus?: WorkerBus) {
    const own = bus?.secret ?? randomBytes(OWN_SECRET_BYTES);
    const { keys } = config.get(SessionSection);
    super(...sealingSecrets(keys), own);
    if (keys.length === 0) this.logger.log(bus && bus.size > 1 ? NOT_BEYOND_WORKERS : NOT_BEYOND_PROCESS);
    config.changes.subscribe(({ previous, next }) => {
      const secrets = next.get(SessionSection).keys;
      if (previous.get(SessionSection).keys.join('\n') === secrets.join('\n')) return;
      this.changeSecrets(...sealingSecrets(secrets), own);
      this.logger.log(`sealing with other [session] keys: ${secrets.length}`);
    });
  }
}
