import { Logger, Module } from '@nestjs/common';

import { BalancerModule } from '../balancer/index.js';
import { ConfigService, type ConfigSnapshot } from '../config/index.js';
import { Extensions, formatKey, type KeyPath } from '../extension/index.js';
import { OutboundModule } from '../outbound/index.js';
import type { FromElsewhere } from './credentials/auth.check.js';
import { GroupManager } from './group.manager.js';
import { literalCredentials } from './literal-credentials.js';
import { TRANSPORTS } from './transports/index.js';
import { checkUpstream } from './upstream.check.js';
import { UpstreamSection } from './upstream.section.js';

/** The servers behind the gateway: groups, servers, channels, and the transports that carry them. */
@Module({
  imports: [BalancerModule, OutboundModule],
  providers: [GroupManager, ...TRANSPORTS],
  exports: [GroupManager],
})
export class UpstreamModule {
  private readonly logger = new Logger('upstream');
  /** Keys that were warned of. */
  private readonly warned = new Set<string>();

  constructor(config: ConfigService, extensions: Extensions) {
    config.addFiles((next) => certificateFiles(next.get(UpstreamSection)));
    config.addCheck((next) => {
      this.warnOf(next);
      return checkUpstream(next.get(UpstreamSection), extensions, fromElsewhere(next));
    });
  }

  private warnOf(next: ConfigSnapshot): void {
    for (const key of literalCredentials(next.get(UpstreamSection), fromElsewhere(next))) {
      if (this.warned.has(key)) continue;
      this.warned.add(key);
      this.logger.warn(`${key} is written out: \${NAME}, \${file:/path} and \`auth\` keep credentials out of the file`);
    }
  }
}

function certificateFiles({ groups }: UpstreamSection): string[] {
  const servers = Object.values(groups).flatMap((group) => group.servers);
  return servers
    .flatMap(({ tls: { caFile, certFile, keyFile } }) => [caFile, certFile, keyFile])
    .filter((file) => file !== undefined);
}

/** Whether a text came out of placeholders or a variable, and nothing of it stood in the file. */
function fromElsewhere({ provenance }: ConfigSnapshot): FromElsewhere {
  return (path: KeyPath, text: string) => {
    if (provenance.secretPaths.has(JSON.stringify(path))) return provenance.secrets.has(text);
    return provenance.locate(formatKey(path)).file.startsWith('environment variable ');
  };
}
