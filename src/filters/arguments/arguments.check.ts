import { Injectable } from '@nestjs/common';

import { type ConfigProblem, ConfigService } from '../../config/index.js';
import { UpstreamSection } from '../../upstream/index.js';
import { ArgumentsSection } from './arguments.section.js';

/** A mode for a group that does not exist would look as if something was checked. */
@Injectable()
export class ArgumentsCheck {
  constructor(config: ConfigService) {
    config.addCheck((next) => {
      const { groups } = next.get(UpstreamSection);
      return Object.keys(next.get(ArgumentsSection).groups)
        .filter((name) => !Object.hasOwn(groups, name))
        .map((name): ConfigProblem => ({
          key: `security.arguments.groups.${name}`,
          message: 'there is no such group',
        }));
    });
  }
}
